"""Full names of axes, which include the command: `t2i.steps` is the axis `steps` if a later axis is `i2i.steps`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from invocations.graph.axes import BY
from invocations.graph.linking import Offer
from invocations.spec import FieldSpec
from workflows.planning.draft import Draft

from .names import with_names
from .sheets import COLUMNS, ROWS


def shorten(draft: Draft, previous: Offer) -> None:
    """Replace the full names of axes in a stage with the names that the axes have in the graph.

    previous: the output that is piped into the stage, whose axes are known
    """
    loops = (*previous.axes, *previous.loops)
    names = {loop.axis for loop in loops}
    first = reversed(loops)  # a full name that two axes share refers to the outer one
    short = {loop.full_name: loop.axis for loop in first if loop.full_name and loop.full_name not in names}
    for field in draft.spec.inputs if short else ():
        content = draft.contents.get(field.name)
        if content is not None and content.is_plain:
            draft.contents[field.name] = replace(content, value=_shortened(field, content.value, short))


def _shortened(field: FieldSpec, value: Any, short: Mapping[str, str]) -> Any:
    if isinstance(value, list) and field.name == BY:
        return [short.get(name, name) for name in value]
    if not isinstance(value, str):
        return value
    if field.name in (ROWS, COLUMNS):
        return short.get(value, value)
    return with_names(value, short) if field.completes == "target" else value
