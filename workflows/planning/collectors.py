"""Combine outputs in a list by a chain of `collect` nodes, each of which appends one item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from invocations.graph.linking import Offer
from invocations.language.source import Span
from invocations.spec import InvocationSpec

from .draft import Content
from .errors import planning_error

MIXED = "a list can contain either values or references to single results, but no other lists"


def chained(
    items: Sequence[Any], content: Content, spec: InvocationSpec, add: Callable[[Mapping[str, Content]], Offer]
) -> Offer:
    """Add a collector for each output, and return the output of the last one, which is the whole list.

    content: the input that takes the list. add: adds one collector. Raises: PlanningError.
    """
    single = spec.primary_input
    earlier = next(each for each in spec.inputs if each.type.base == "list" and each.given == "linked")
    assert single is not None
    before: Offer | None = None
    for item in items:
        _check_item(item, content.span or Span(0, 0))
        contents = {single.name: Content(item, content.origin, content.span)}
        if item.loops and item.loops[-1].axis:
            from .sweeps.gather import closing  # imported on demand: few items come from a sweep

            contents |= closing(spec, item)
        if before is not None:
            contents[earlier.name] = Content(before, "written")
        before = add(contents)
    assert before is not None
    return before


def _check_item(item: Any, span: Span) -> None:
    """Refuse a value, or a list, among the outputs. Raises: PlanningError."""
    if not isinstance(item, Offer):
        raise planning_error("type_mismatch", MIXED, span, "use only values, or only references")
    if item.type.base == "list":
        raise planning_error("list_into_scalar", MIXED, span, "pass the list on its own")
