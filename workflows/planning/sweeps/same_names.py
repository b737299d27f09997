"""Refuse names of saved images that are the same for all items of an axis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import first_argument
from invocations.frozen import frozen
from invocations.graph.axes import JOINED, places_of
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.loops import LineLoops
from workflows.values.codecs import ExternalValue

from .axes import AXIS, SweepAxis, ZippedValues
from .axis_fields import names_of
from .names import fields_in
from .shown import TEXTS, FieldOrigins, Origin

if TYPE_CHECKING:
    from invocations.graph.node import Node
    from workflows.planning.build import GraphBuilder

UNKNOWN: Final = (object(), object())  # stands for the items of an axis whose values are not known


def refused_names(
    builder: GraphBuilder, loops: LineLoops, items: Callable[[str], int | None]
) -> Iterator[LanguageError]:
    """Yield an error for each template of a file name that does not distinguish the items of an axis, or that contains
    a setting in which the images of a sheet differ.

    loops: the loops around each node
    items: returns how many items an `iterate` node has, or None if that is not known
    """
    spans = {(value.node, value.input): value.span for value in builder.values}
    origins = FieldOrigins(builder.nodes, [link.edge for link in builder.links], builder.catalog, loops)
    for node in builder.nodes:
        spec = builder.catalog[node.type]
        name = first_argument(spec) if "saves" in spec.roles else ""
        written, span = node.inputs.get(name), spans.get((node.id, name))
        if not (isinstance(written, str) and span is not None and "{" in written):
            continue
        saving = Saving(written, span, node.id, origins)
        around = [
            axis for iterate in loops.axes[node.id] if (axis := _axis(iterate, builder.axes, origins)) is not None
        ]
        mixed = list(saving.mixed(builder.axes))
        yield from mixed
        if not mixed and not node.inputs.get("overwrite"):
            counts = {axis.iterate: len(axis.values) or items(axis.iterate) for axis in around}
            several = [axis for axis in around if counts[axis.iterate] != 1 or axis.values]
            yield from saving.refused([Around(axis, origins.nodes[axis.iterate]) for axis in several])


def _axis(iterate: str, axes: Sequence[SweepAxis], origins: FieldOrigins) -> SweepAxis | None:
    """Return the axis of a loop, or None if it has none; the axis of a loop over sheets joins their outer axes."""
    found = next((axis for axis in axes if axis.iterate == iterate), None)
    sheets = origins.sheets(iterate) if found is None else ()
    if not sheets:
        return found
    names = [name for loop in sheets for name in names_of(loop)]
    rows = product(*(map(_row, loop.values) for loop in sheets))
    values = [ZippedValues(names, [each for part in row for each in part]) for row in rows]
    return SweepAxis(JOINED.join(names), "", "", iterate, values)


def _row(value: Any) -> Sequence[Any]:
    return value.values if isinstance(value, ZippedValues) else [value]


@frozen
class Saving:
    """A file name with fields, its place in the line, and the node that saves images under this name."""

    written: str
    span: Span
    node: str
    origins: FieldOrigins

    def mixed(self, axes: Sequence[SweepAxis]) -> Iterator[LanguageError]:
        """Yield an error for each field with a setting in which the images of a sheet differ.

        axes: the axes of the line
        """
        for field in sorted(fields_in(self.written)):
            origin = self.origins.origin(self.node, field)
            if origin is None or origin.sheets is None:
                continue
            outer = [name for loop in origin.sheets for name in (loop.axis, *names_of(loop))]
            around = self.origins.loops.axes[self.node]
            inner = [each for each in axes if each.iterate in origin.axes and each.iterate not in around]
            if any(each.name not in outer and each.count != 1 for each in inner):
                use = [*dict.fromkeys(f"`{{{AXIS}{name}}}`" for loop in origin.sheets for name in names_of(loop))]
                message = f"`{{{field}}}` is not the same for all images on a sheet"
                yield LanguageError("same_target", message, self.span, f"use {' or '.join([*use, '`{index}`'])}")

    def refused(self, around: Sequence[Around]) -> Iterator[LanguageError]:
        """Yield an error for the axes whose items do not get different names. around: the axes around the node"""
        fields = fields_in(self.written)
        names = {each for axis in around for each in (axis.name, *axis.name.split(JOINED))}
        unknown = {field for field in fields if field.startswith(AXIS)} - {AXIS + name for name in names}
        if "index" in fields or unknown:  # an unknown field is refused when the name is checked
            return
        same = []
        for axis, shown in zip(around, _shown(around, fields), strict=True):
            axis.read({field: self.origins.origin(self.node, field) for field in fields}, self.origins.loops, self.node)
            if axis.is_told_apart(shown):
                continue
            pair = axis.alike(shown)
            if pair is not None:
                message = (
                    f"the name `{self.written}` is the same for items {pair[0]} and {pair[1]}: both are `{pair[2]}`"
                )
                yield LanguageError("same_target", message, self.span, _hint([axis.axis], fields, around))
            else:
                same.append(axis.axis)
        if same:
            listed = _listed(f"`{_name_among(axis, around)}`" for axis in same)
            message = f"the name `{self.written}` is the same for every value of {listed}"
            yield LanguageError("same_target", message, self.span, _hint(same, fields, around))


class Around:
    """An axis around a stage that saves images."""

    def __init__(self, axis: SweepAxis, iterate: Node) -> None:
        self.axis, self.name = axis, axis.name
        self.values: Sequence[Any] = axis.values or UNKNOWN
        self.columns: list[tuple[str, ...]] | None = None
        # the positions of each item on the axes that are combined into this one
        self.places = [places_of(iterate, item) for item in range(len(self.values))]

    def read(self, origins: Mapping[str, Origin | None], loops: LineLoops, node: str) -> None:
        """Read which fields of a name show the items of the axis.

        origins: where the value of each field comes from. node: the node that saves images under this name
        """
        known = {field for field, origin in origins.items() if origin is not None and self._sets(origin, loops, node)}
        other = {field for field, origin in origins.items() if origin is None}
        self.columns = self._columns(known, other)

    def _sets(self, origin: Origin, loops: LineLoops, node: str) -> bool:
        """Whether a value with the given origin depends on this axis, perhaps through a list of collected items."""
        if self.values is UNKNOWN and not set(origin.axes) <= set(loops.axes[node]):
            return True
        if self.axis.command:
            return self.axis.iterate in origin.axes
        return not {loops.name(iterate) for iterate in origin.axes}.isdisjoint((self.name, *self.name.split(JOINED)))

    def _columns(self, known: set[str], other: set[str]) -> list[tuple[str, ...]] | None:
        """Return, for each item, the values that the name shows, or None if they identify the item.

        known: fields whose values depend on the axis. other: fields whose values may depend on it
        """
        values = self.values
        if AXIS + self.name in other:
            return None
        if not isinstance(values[0], ZippedValues):
            return None if known or _is_field(self.name, values, other) else [()] * len(values)
        columns = [[each.values[place] for each in values] for place in range(len(values[0].names))]
        named = dict(zip(values[0].names, columns, strict=True))
        shown = [column for name, column in named.items() if _is_field(name, column, known | other)]
        computed = {field for field in known if not any(_is_field(name, named[name], {field}) for name in named)}
        return None if computed else [tuple(map(_text, row)) for row in zip(*shown, strict=True)] or [()] * len(values)

    def is_told_apart(self, shown: Sequence[bool]) -> bool:
        """Return True if every item gets a different file name.

        shown: for each axis combined into this one, whether the name contains the position on that axis
        """
        names = self._names(shown)
        return names is None or len(set(names)) >= len(set(map(str, self.values)))

    def alike(self, shown: Sequence[bool]) -> tuple[int, int, str] | None:
        """Return two different items with the same file name, counted from 1, and what the name shows of them.

        Returns None if the name shows nothing of the items.
        """
        found: dict[tuple[tuple[int, ...], tuple[str, ...]], int] = {}
        for item, name in enumerate(self._names(shown) or ()):
            first = found.setdefault(name, item)
            if name[1] and str(self.values[first]) != str(self.values[item]):
                return first + 1, item + 1, ", ".join(name[1])
        return None

    def _names(self, shown: Sequence[bool]) -> list[tuple[tuple[int, ...], tuple[str, ...]]] | None:
        """Return what a file name shows of each item: its positions and its values; None if that identifies it."""
        own = [tuple(each for each, is_shown in zip(place, shown, strict=True) if is_shown) for place in self.places]
        return None if self.columns is None else list(zip(own, self.columns, strict=True))


def _is_field(name: str, values: Sequence[object], fields: Collection[str]) -> bool:
    """Return True if a field of a file name shows the values of an axis."""
    if AXIS + name in fields or name.rpartition(".")[2] in fields or ("stem" in fields and _are_files(values)):
        return True
    return all(isinstance(value, str) for value in values) and not TEXTS.isdisjoint(fields)


def _shown(around: Sequence[Around], fields: set[str]) -> list[list[bool]]:
    """Return, for each axis combined into each of these axes, whether `{row}` or `{col}` shows the position on it."""
    lengths = [len(each.places[0]) for each in around]
    last = ["row" in fields, "col" in fields]
    flat = [*[False] * (sum(lengths) - 2), *last][-sum(lengths) :] if lengths else []
    return [[flat.pop(0) for _ in range(length)] for length in lengths]


def _hint(same: Sequence[SweepAxis], fields: set[str], around: Sequence[Around]) -> str:
    """Return what to add to a name. same: the axes whose items have the same name"""
    named = ((axis, _name_among(axis, around)) for axis in same)
    more = _listed(f"`{{{AXIS}{_missing(axis, fields) if name == axis.name else name}}}`" for axis, name in named)
    hint = f"add {more}{',' * (len(same) > 1)} or `{{index}}` to the name"
    if "row" in fields and sum(len(each.places[0]) for each in around) == 1:
        return f"with a single axis, `{{col}}` is the position on it and `{{row}}` is 1; {hint}"
    return hint


def _name_among(axis: SweepAxis, around: Sequence[Around]) -> str:
    """Return the name of an axis, with its command if an axis of another stage belongs to the same input."""
    others = [each.axis.field for each in around if each.axis is not axis and each.axis.command]
    return axis.full_name if axis.command and axis.field in others else axis.name


def _missing(axis: SweepAxis, fields: set[str]) -> str:
    """Return the first of an axis's names that is in none of the fields, or its first name."""
    names = axis.name.split(JOINED)
    return next((name for name in names if not {AXIS + name, name}.intersection(fields)), names[0])


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def _text(value: object) -> str:
    return value.text if isinstance(value, ExternalValue) else str(value)


def _are_files(values: Sequence[object]) -> bool:
    """Return True if the values are files with different names, or may be."""
    if values is UNKNOWN:
        return True
    texts = {value.text for value in values if isinstance(value, ExternalValue)}
    return len({PurePath(text).stem for text in texts}) == len(texts) > 0
