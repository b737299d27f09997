"""Warnings about valid but suspicious lines: an unused result, an image far too large for its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from invocations.errors import InvocationError

if TYPE_CHECKING:
    from invocations.graph.graph import Node
    from invocations.local import LocalServices

    from .plan_line import Plan

ENDS = frozenset({"save", "show"})  # their results may stay unused
NO_LINK = "--no-link"  # whoever writes it knows
FAR_ABOVE = 4  # times the pixels that suit a model


def lint(plan: Plan, services: LocalServices) -> Iterator[str]:
    """Yield the warnings about a line, before it runs."""
    yield from _unused(plan)
    for node in plan.nodes:
        if node.type == "noise":
            yield from _too_large(plan, node, services)


def _unused(plan: Plan) -> Iterator[str]:
    results = {offer.stage for offer in plan.results}
    for stage, after in zip(plan.stages, plan.stages[1:], strict=False):
        if stage.number not in results or stage.name or stage.command in ENDS or NO_LINK in plan.source.text:
            continue
        offer = stage.stage_outputs.primary
        what = f" ({offer.type})" if offer is not None else ""
        yield f"the result of `{stage.command}`{what} is unused: it does not go into `{after.command}`"


def _too_large(plan: Plan, node: Node, services: LocalServices) -> Iterator[str]:
    linked = {edge.input for edge in plan.edges if edge.target == node.id}
    written = [node.inputs.get(name) for name in ("width", "height")]
    if linked & {"width", "height", "latents"} or not any(isinstance(value, int) for value in written):
        return
    name = _model_of(plan, node.id)
    try:
        suits = services.models.settings(services.models.find(name)) if name else None
    except InvocationError:  # reported when the line runs
        return
    if suits is None:
        return
    width, height = written[0] or suits.width, written[1] or suits.height
    times = width * height / (suits.width * suits.height)
    if times > FAR_ABOVE:
        usual = f"the model `{name}` ({suits.width} x {suits.height})"
        yield (
            f"{width} x {height} is {times:.0f} times the size that suits {usual}:"
            " slow, needs a lot of memory, and rarely a good image"
        )


def _model_of(plan: Plan, node: str) -> str:
    """Return the name of the model that a node of this line is given, "" if it comes from another line."""
    nodes: Mapping[str, Node] = {each.id: each for each in plan.nodes}
    giver = next((edge.source for edge in plan.edges if (edge.target, edge.input) == (node, "model")), "")
    return str(nodes[giver].inputs.get("name", "default")) if giver in nodes and nodes[giver].type == "model" else ""
