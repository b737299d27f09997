"""Gather the items of a sweep: insert a `collect` node before a stage that takes a list but receives single items."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from invocations.graph.axes import BY, ITEMS
from invocations.graph.compatible import fits
from invocations.graph.linking import Loop, Offer
from invocations.sheets import PARTS
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.planning.draft import AXES, Content, Draft
from workflows.values.positions import list_of

from .axes import ZippedValues, label, sweep_of

LEFT_OUT = "left_out"  # the input that takes the positions of the items that a sweep leaves out
HOLES = "holes"  # the input of `collect` that turns failed items into holes in the list
NONE = FieldType("none")


def closing(spec: InvocationSpec, item: Offer, field: FieldSpec | None = None) -> dict[str, Content]:
    """Return the inputs of a `collect` node that closes all axes of the sweep around an item.

    field: the input that takes the list; if the list may lack items, failed items become holes in it
    """
    found = {BY: Content([loop.axis for loop in sweep_of(item.loops)], "sweep")}
    many = list_of(field.type) if field is not None else None
    if many is not None and many.args[0].base != "any" and fits(NONE, many.args[0]) and spec.input(HOLES) is not None:
        found[HOLES] = Content(True, "sweep")
    return found


def close_sweep(draft: Draft) -> None:
    """Make a `collect` that the user wrote close the whole sweep if the innermost loop is an axis of that sweep."""
    primary = draft.spec.primary_input
    content = draft.contents.get(primary.name) if primary is not None else None
    if content is None or BY in draft.contents or not isinstance(content.value, Offer):
        return
    loops = content.value.loops
    if loops and loops[-1].axis:
        draft.contents[BY] = Content([loop.axis for loop in sweep_of(loops)], "sweep")


def name_axes(draft: Draft) -> None:
    """Pass the names and labels of a sweep's axes to a stage that takes a list of the sweep's items.

    Two axes may have values that are not known yet, such as the files that match a pattern; their items are linked, so
    the stage can label them. If the items cannot be linked, only one axis may have such values.
    """
    primary = draft.spec.primary_input
    content = draft.contents.get(primary.name) if primary is not None else None
    if content is None or AXES in draft.contents or not isinstance(content.value, Offer):
        return
    axes = axes_shown(content.value)
    unknown = [axis for axis in axes if not axis.values]
    linked = _linked(draft, unknown)
    most = 0 if any(axis.left_out for axis in axes) else len(linked) or 1
    if axes and len(unknown) <= most:
        parts = [part for axis in axes for part in axis.parts or ((axis.axis, axis.values),)]
        draft.contents[AXES] = Content([_described(name, values) for name, values in parts], "sweep")
        draft.contents |= linked
        if any(axis.left_out for axis in axes) and draft.spec.input(LEFT_OUT) is not None:
            draft.contents[LEFT_OUT] = Content(left_out(axes), "sweep")


def _described(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the description of an axis for a stage that shows it. values: its items, or () if they are not known"""
    found: dict[str, Any] = {"name": name, "labels": [label(value, name) for value in values] or None}
    if values and isinstance(values[0], ZippedValues):
        names, columns = values[0].names, zip(*(value.values for value in values), strict=True)
        found[PARTS] = {own: [label(each, own) for each in column] for own, column in zip(names, columns, strict=True)}
    return found


def _linked(draft: Draft, unknown: Sequence[Loop]) -> dict[str, Content]:
    """Return links to the items of axes; none if there are too many axes, or if items vary between iterations."""
    sources = [axis.source for axis in unknown if axis.source is not None and not axis.source.loops]
    if len(sources) < len(unknown) or len(unknown) > sum(draft.spec.input(name) is not None for name in ITEMS):
        return {}
    return {name: Content(source, "sweep") for name, source in zip(ITEMS, sources, strict=False)}


def axes_shown(images: Offer) -> tuple[Loop, ...]:
    """Return the axes whose items are in a list, or will be once an item of a sweep has been gathered."""
    return images.axes if images.type.base == "list" else sweep_of(images.loops)


def left_out(axes: Sequence[Loop]) -> list[int]:
    """Return the positions of the combinations of values for which there is no item; the last axis varies fastest."""
    found: list[int] = []
    size = 1
    for axis in reversed(axes):
        own = prod(len(values) for _, values in axis.parts) if axis.parts else len(axis.values)
        gone = {*axis.left_out}
        inner = found
        found = [place * size + each for place in range(own) for each in (range(size) if place in gone else inner)]
        size *= own
    return found
