"""Warnings about valid but suspicious lines: unused results, other tools' syntax, images too large for the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument, loader_of, roles_of
from invocations.errors import InvocationError
from invocations.language.errors import visible
from invocations.prompt_syntax import A1111

from .prompt_lint import lint_prompts, prompts_of

if TYPE_CHECKING:
    from invocations.graph.graph import Node
    from invocations.local import LocalServices
    from invocations.spec import InvocationSpec

    from .plan_line import Plan

MODEL = "model"  # the kind of a reference to a model, and the name of an input that takes one
REFINER = "-refiner"  # how the names of the families of refiners end
FAR_ABOVE = 4  # images with this many times the model's usual number of pixels cause a warning


def lint(plan: Plan, services: LocalServices, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    """Yield warnings about a line that has not run yet; each is one row, or a row above a quotation of the line."""
    yield from dict.fromkeys(each.warning(plan.source) for each in plan.ignored if each.is_written)
    yield from map(visible, _warnings(plan, services, catalog))
    if "<" in plan.source.text or any(value.value == A1111 for value in plan.values):
        from .embedding_lint import lint_embeddings  # imported on demand: few prompts may name embeddings

        prompts = [prompt for node in plan.nodes for prompt in prompts_of(plan, node, catalog)]
        yield from lint_embeddings(plan, prompts, services.models)


def _warnings(plan: Plan, services: LocalServices, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    if len(plan.results) > 1:
        yield from _unused(plan, catalog)
    if any(node.inputs.get("overwrite") for node in plan.nodes):
        from .targets import overwritten  # imported on demand: few lines need it

        yield from overwritten(plan, catalog, services.images.targets.fixed)
    yield from lint_prompts(plan, catalog)
    if "$" in plan.source.text:
        from .variable_lint import lint_variables  # imported on demand: few lines need it

        yield from lint_variables(plan)
    for node in plan.nodes:
        if "starts" in roles_of(catalog, node.type):
            yield from _too_large(plan, node, services, catalog)
            yield from _refiner_alone(plan, node, services, catalog)


def _unused(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    from .unused import is_refused, unused_results

    for stage, after, offer in unused_results(plan.stages, plan.results, catalog):
        if not is_refused(offer):
            yield f"the result of `{stage.command}` ({offer.type}) is unused: it does not go into `{after.command}`"


def _too_large(plan: Plan, node: Node, services: LocalServices, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    linked = {edge.input for edge in plan.edges if edge.target == node.id}
    written = [node.inputs.get(name) for name in ("width", "height")]
    if linked & {"width", "height", "latents"} or not any(isinstance(value, int) for value in written):
        return
    name = _model_of(plan, node.id, catalog)
    try:
        suits = services.models.settings(services.models.find(name)) if name else None
    except InvocationError:  # the error is reported when the line runs
        return
    if suits is None:
        return
    width, height = written[0] or suits.width, written[1] or suits.height
    times = width * height / (suits.width * suits.height)
    if times > FAR_ABOVE:
        usual = f"the model `{name}` ({suits.width} x {suits.height})"
        yield (
            f"{width} x {height} is {times:.0f} times the size that suits {usual}:"
            " this is slow, needs a lot of memory, and rarely yields a good image"
        )


def _refiner_alone(
    plan: Plan, node: Node, services: LocalServices, catalog: Mapping[str, InvocationSpec]
) -> Iterator[str]:
    """Yield a warning if a refiner starts from noise alone; the default model is not one, so it is not looked up."""
    name = _model_of(plan, node.id, catalog)
    if not name or name == "default" or any((edge.target, edge.input) == (node.id, "latents") for edge in plan.edges):
        return
    try:
        is_refiner = services.models.settings_of(name).family.endswith(REFINER)
    except InvocationError:  # the error is reported when the line runs
        return
    if is_refiner:
        yield (
            f"the model `{name}` is a refiner, which improves the images of another model; used alone,"
            f" it makes poor images: write `--model BASE --refiner {name}`"
        )


def _model_of(plan: Plan, node: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the name of the model that a node uses, or "" if another line loads the model."""
    nodes: Mapping[str, Node] = {each.id: each for each in plan.nodes}
    giver = nodes.get(next((edge.source for edge in plan.edges if (edge.target, edge.input) == (node, MODEL)), ""))
    if giver is not None and "adapts" in roles_of(catalog, giver.type):
        return _model_of(plan, giver.id, catalog)
    loader = loader_of(catalog, MODEL)
    if giver is None or loader is None or giver.type != loader.type:
        return ""
    return str(giver.inputs.get(first_argument(loader), "default"))
