"""The sheets of a sweep: a stage that shows the axes of a sweep may return several images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from invocations.errors import BadValue
from invocations.graph.linking import Loop, Offer
from invocations.sheets import Axis, arrange, read_axes
from workflows.planning.draft import AXES, Draft

from .axes import ZippedValues

ROWS, COLUMNS = "rows", "columns"


def has_several(draft: Draft) -> bool:
    """Return True if a stage draws several sheets, so its main result is a list."""
    return bool(outer_axes({name: content.value for name, content in draft.contents.items()}))


def count_of_sheets(inputs: Mapping[str, Any]) -> int | None:
    """Return how many sheets a node draws, or None if that depends on an axis whose items are not known yet."""
    if any(axis["labels"] is None for axis in inputs[AXES]):
        return None
    return prod(len(axis.values) for axis in outer_axes(inputs))


def outer_axes(inputs: Mapping[str, Any]) -> tuple[Loop, ...]:
    """Return the axes with a separate sheet for each item. inputs: the inputs of the node that draws the sheets"""
    written = {name: inputs[name] for name in (ROWS, COLUMNS) if name in inputs}
    if not isinstance(inputs.get(AXES), list) or any(isinstance(value, Offer) for value in written.values()):
        return ()
    axes = read_axes(inputs[AXES])
    try:
        found = arrange(axes, **written).outer
    except BadValue:  # a check of the input reports it later; any axis may have separate sheets
        found = axes
    unknown = {each["name"] for each in inputs[AXES] if each["labels"] is None}
    return tuple(Loop("", axis.name, values=() if axis.name in unknown else _values(axis)) for axis in found)


def _values(axis: Axis) -> Sequence[Any]:
    """Return the labels of an axis, or, if several axes advance together on it, the labels of each of them."""
    if not axis.parts:
        return axis.labels
    return [ZippedValues([*axis.parts], row) for row in zip(*axis.parts.values(), strict=True)]
