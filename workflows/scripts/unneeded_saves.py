"""Leave out the automatic `save` of images that a later line of the same script uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.planning.autosave import add_saves

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec
    from workflows.planning.plan import Additions, Plan

End = tuple[str, str]  # a node and its output


def without_unneeded_saves(
    plans: Sequence[Plan | None],
    catalog: Mapping[str, InvocationSpec],
    adjust: Callable[[Additions], Additions] = lambda added: added,
) -> list[Plan | None]:
    """Return the plan of each line in a script without the automatic `save` nodes whose images later lines use.

    plans: None for a line that is a directive or has errors
    adjust: a function that changes the automatic `save` nodes, as a trial with other values does
    """
    used: set[End] = set()
    found: list[Plan | None] = []
    for plan in reversed(plans):
        found.append(_without(plan, used, catalog, adjust) if plan is not None else None)
        used |= _uses(plan) if plan is not None else set()
    return found[::-1]


def _uses(plan: Plan) -> set[End]:
    """Return the outputs of earlier lines that a line uses."""
    own = {node.id for node in plan.nodes}
    return {(edge.source, edge.output) for edge in plan.edges if edge.source not in own}


def _without(
    plan: Plan,
    used: set[End],
    catalog: Mapping[str, InvocationSpec],
    adjust: Callable[[Additions], Additions],
) -> Plan:
    needed = [
        offer
        for offer, end in zip(plan.results, plan.additions.results, strict=True)
        if (own := (offer.node, offer.output)) == end or own not in used
    ]
    if len(needed) == len(plan.results):
        return plan
    return replace(plan, additions=adjust(add_saves(plan.nodes, plan.edges, needed, catalog)))
