"""The rules for automatic links between stages: by pipe, then by name, then by type. An ambiguous link is never made.

The rules use metadata only and know neither the typed line nor a graph; the planner applies them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import field
from typing import Any, Literal

from invocations.frozen import frozen
from invocations.spec import FieldSpec, FieldType, InvocationSpec

from .compatible import fits, without_holes

Reason = Literal["written", "piped", "named", "typed"]
Mismatch = Literal["list_into_scalar", "scalar_into_list", "missing_items", "type_mismatch"]


@frozen
class Loop:
    """A loop around an output.

    iterate: the id of its `iterate` node
    axis: its name if it is an axis of a sweep, or "" if the user wrote the `iterate`
    place: the key by which loops are sorted, the outermost first
    values: its items, if they are known; otherwise ()
    parts: if its items are some of the combinations of several axes, the name and the values of each of these axes
    left_out: the positions of the combinations that are not items, counted from 0; the last part varies fastest
    source: the output with the list of its items, if it is known
    unused: the columns of a table that could be further axes beside this one
    full_name: the name of its axis with the command, such as `t2i.steps`; "" if it is not known
    """

    iterate: str
    axis: str = ""
    place: tuple[int, int] = field(default=(0, 0), compare=False)
    values: Sequence[Any] = field(default=(), compare=False)
    parts: tuple[tuple[str, Sequence[Any]], ...] = field(default=(), compare=False)
    left_out: Sequence[int] = field(default=(), compare=False)
    source: Offer | None = field(default=None, compare=False)
    full_name: str = field(default="", compare=False)
    unused: tuple[str, ...] = field(default=(), compare=False)


@frozen
class Offer:
    """An output that an input may be linked to.

    name: what the output is called in its stage
    loops: the loops around its node, including the node itself if it is an `iterate`, the outermost first
    axes: the axes of a sweep whose items are collected in the list, the outermost first
    items: the items of the list if they are constants in the line; otherwise ()
    """

    stage: int
    name: str
    type: FieldType
    node: str
    output: str
    loops: tuple[Loop, ...] = ()
    axes: tuple[Loop, ...] = field(default=(), compare=False)
    items: Sequence[Any] = field(default=(), compare=False)


def accepts(field: FieldSpec, offer: Offer) -> bool:
    """Return True if an output may be linked to an input."""
    return field.given != "written" and fits(offer.type, field.type)


def mismatch(source: FieldType, target: FieldType) -> Mismatch:
    """Return why the source type does not fit.

    The source is a list where one value is needed, one value where a list is needed, a list whose items may be
    missing, or of another type.
    """
    if fits(without_holes(source), target):
        return "missing_items"
    if source.base == "list" and fits(source.args[0], target):
        return "list_into_scalar"
    if any(member.base == "list" and fits(source, member.args[0]) for member in members(target)):
        return "scalar_into_list"
    return "type_mismatch"


def enters_pipe(field: FieldSpec | None, offer: Offer | None) -> bool:
    """Return True if a pipe may carry an output to an input: the type fits, or could be made to fit with a loop."""
    if field is None or offer is None or field.given == "written":
        return False
    return fits(offer.type, field.type) or mismatch(offer.type, field.type) != "type_mismatch"


def named(field: FieldSpec, offers: Iterable[Offer]) -> Offer | None:
    """Return the first offer that has the input's name and a type that fits; `offers` are sorted nearest first."""
    for offer in offers:
        if offer.name == field.name and accepts(field, offer):
            return offer
    return None


def typed(field: FieldSpec, stages: Iterable[Sequence[Offer]], taken: Collection[Offer] = ()) -> tuple[Offer, ...]:
    """Return the offers that fit the input's type from the nearest stage that has any; two or more are ambiguous.

    Only references are linked by type. Offers that already feed the same invocation (`taken`) are ignored.
    """
    if not field.type.is_reference:
        return ()
    for offers in stages:
        found = tuple(offer for offer in offers if offer not in taken and accepts(field, offer))
        if found:
            return found
    return ()


def members(field_type: FieldType) -> tuple[FieldType, ...]:
    """Return the members of a union, flattened, or the type itself."""
    if field_type.base != "union":
        return (field_type,)
    return tuple(
        [inner for member in field_type.args for inner in (members(member) if member.base == "union" else (member,))]
    )


def reference_kinds(field_type: FieldType) -> tuple[str, ...]:
    """Return the kinds of references that occur in a type, including inside lists, and the parents of these kinds."""
    if field_type.base == "ref":
        return (field_type.kind, *field_type.parents)
    if not field_type.args:
        return ()
    return tuple(dict.fromkeys(kind for member in field_type.args for kind in reference_kinds(member)))


def follows(after: InvocationSpec, before: InvocationSpec) -> bool:
    """Return True if `after` may follow `before` in a pipe."""
    source, target = before.primary_output, after.primary_input
    if source is None or target is None or target.given == "written":
        return False
    return fits(source.type, target.type)
