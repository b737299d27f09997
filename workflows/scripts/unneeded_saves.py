"""Leave out the automatic `save` of images that a later line of the same script uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.planning.autosave import add_saves

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec
    from workflows.planning.plan import Additions, Plan

    from .plan import ScriptLine

End = tuple[str, str]  # a node and its output


def without_unneeded_saves(
    lines: Iterable[ScriptLine],
    catalog: Mapping[str, InvocationSpec],
    adjust: Callable[[Additions], Additions] = lambda added: added,
) -> list[ScriptLine]:
    """Return the lines of a script without the saves of images that later lines use.

    adjust: changes the nodes that save images, for a trial
    """
    used: set[End] = set()
    found: list[ScriptLine] = []
    for line in reversed(list(lines)):
        found.append(_without(line, used, catalog, adjust) if line.plan is not None else line)
        if line.plan is not None:
            used |= _uses(line.plan)
    return found[::-1]


def _uses(plan: Plan) -> set[End]:
    """Return the outputs of earlier lines that a line uses."""
    own = {node.id for node in plan.nodes}
    return {(edge.source, edge.output) for edge in plan.edges if edge.source not in own}


def _without(
    line: ScriptLine,
    used: set[End],
    catalog: Mapping[str, InvocationSpec],
    adjust: Callable[[Additions], Additions],
) -> ScriptLine:
    plan = line.plan
    assert plan is not None
    needed = [
        offer
        for offer, end in zip(plan.results, plan.additions.results, strict=True)
        if (own := (offer.node, offer.output)) == end or own not in used
    ]
    if len(needed) == len(plan.results):
        return line
    added = adjust(add_saves(plan.nodes, plan.edges, needed, catalog))
    return line.with_plan(replace(plan, additions=added), catalog)
