"""Refuse names of saved images that are the same for all items of an axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument
from invocations.graph.axes import JOINED, places_of
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.values.codecs import ExternalValue

from .axes import SweepAxis, ZippedValues
from .names import AXIS, fields_in

if TYPE_CHECKING:
    from invocations.graph.node import Node
    from invocations.spec import InvocationSpec
    from workflows.planning.build import PlannedValue

TEXTS: Final = frozenset({"prompt", "negative"})  # fields that differ if any string in the line differs


def refused_names(
    nodes: Iterable[Node],
    values: Iterable[PlannedValue],
    catalog: Mapping[str, InvocationSpec],
    axes: Sequence[SweepAxis],
    around: Mapping[str, Sequence[str]],
) -> Iterator[LanguageError]:
    """Yield an error for each template of a file name that does not distinguish the items of an axis.

    axes: the axes of the line. around: the `iterate` nodes around each node
    """
    spans = {(value.node, value.input): value.span for value in values}
    nodes = [*nodes]
    loops_by_id = {node.id: node for node in nodes if catalog[node.type].role == "iterate"}
    for node in nodes:
        name = first_argument(catalog[node.type]) if "saves" in catalog[node.type].roles else ""
        written, span = node.inputs.get(name), spans.get((node.id, name))
        if isinstance(written, str) and span is not None and "{" in written and not node.inputs.get("overwrite"):
            loops = around.get(node.id, ())
            found = [axis for iterate in loops for axis in axes if axis.iterate == iterate and axis.values]
            yield from _refused(written, span, [Around(axis, loops_by_id[axis.iterate]) for axis in found])


class Around:
    """An axis around a stage that saves images."""

    def __init__(self, axis: SweepAxis, iterate: Node) -> None:
        self.axis, self.name = axis, axis.name
        # the positions of each item on the axes that are combined into this one
        self.places = [places_of(iterate, item) for item in range(len(axis.values))]

    def is_told_apart(self, fields: set[str], shown: Sequence[bool]) -> bool:
        """Return True if every item gets a different file name.

        fields: the fields of the name
        shown: for each axis combined into this one, whether the name contains the position on that axis
        """
        names = self._names(fields, shown)
        return names is None or len(set(names)) >= len(set(map(str, self.axis.values)))

    def alike(self, fields: set[str], shown: Sequence[bool]) -> tuple[int, int, str] | None:
        """Return two different items with the same file name, counted from 1, and what the name shows of them.

        Returns None if the name shows nothing of the items.
        """
        found: dict[tuple[tuple[int, ...], tuple[str, ...]], int] = {}
        for item, name in enumerate(self._names(fields, shown) or ()):
            first = found.setdefault(name, item)
            if name[1] and str(self.axis.values[first]) != str(self.axis.values[item]):
                return first + 1, item + 1, ", ".join(name[1])
        return None

    def _names(self, fields: set[str], shown: Sequence[bool]) -> list[tuple[tuple[int, ...], tuple[str, ...]]] | None:
        """Return what a file name shows of each item: its positions and its values; None if that identifies it."""
        own = [tuple(each for each, is_shown in zip(place, shown, strict=True) if is_shown) for place in self.places]
        named = _named(self.axis, fields)
        return None if named is None else list(zip(own, named, strict=True))


def _shown(around: Sequence[Around], fields: set[str]) -> list[list[bool]]:
    """Return, for each axis combined into each of these axes, whether `{row}` or `{col}` shows the position on it."""
    lengths = [len(each.places[0]) for each in around]
    last = ["row" in fields, "col" in fields]
    flat = [*[False] * (sum(lengths) - 2), *last][-sum(lengths) :] if lengths else []
    return [[flat.pop(0) for _ in range(length)] for length in lengths]


def _refused(written: str, span: Span, around: Sequence[Around]) -> Iterator[LanguageError]:
    fields = fields_in(written)
    names = {each for axis in around for each in (axis.name, *axis.name.split(JOINED))}
    unknown = {field for field in fields if field.startswith(AXIS)} - {AXIS + name for name in names}
    if "index" in fields or unknown:  # an unknown field is refused when the name is checked
        return
    same = []
    for axis, shown in zip(around, _shown(around, fields), strict=True):
        own = fields - _later(axis, around)
        if axis.is_told_apart(own, shown):
            continue
        pair = axis.alike(own, shown)
        if pair is not None:
            message = f"the name `{written}` is the same for items {pair[0]} and {pair[1]}: both are `{pair[2]}`"
            yield LanguageError("same_target", message, span, _hint([axis.axis], fields, around))
        else:
            same.append(axis.axis)
    if same:
        message = f"the name `{written}` is the same for every value of " + _listed(f"`{axis.name}`" for axis in same)
        yield LanguageError("same_target", message, span, _hint(same, fields, around))


def _hint(same: Sequence[SweepAxis], fields: set[str], around: Sequence[Around]) -> str:
    """Return what to add to a name. same: the axes whose items have the same name"""
    more = _listed(f"`{{{AXIS}{_missing(axis, fields)}}}`" for axis in same)
    hint = f"add {more}{',' * (len(same) > 1)} or `{{index}}` to the name"
    if "row" in fields and sum(len(each.places[0]) for each in around) == 1:
        return f"with a single axis, `{{col}}` is the position on it and `{{row}}` is 1; {hint}"
    return hint


def _later(axis: Around, around: Sequence[Around]) -> set[str]:
    """Return the inputs that later axes set: `{seed}` shows only the seed of the last stage that has one."""
    later = around[around.index(axis) + 1 :]
    return {name.rpartition(".")[2] for each in later for name in each.name.split(JOINED)}


def _missing(axis: SweepAxis, fields: set[str]) -> str:
    """Return the first of an axis's names that is in none of the fields, or its first name."""
    names = axis.name.split(JOINED)
    return next((name for name in names if not {AXIS + name, name}.intersection(fields)), names[0])


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def _named(axis: SweepAxis, fields: set[str]) -> list[tuple[str, ...]] | None:
    """Return, for each item of an axis, the values that the fields of a name show; None if they identify the item."""
    values = axis.values
    if AXIS + axis.name in fields:
        return None
    if not isinstance(values[0], ZippedValues):
        return None if _is_field(axis.name, values, fields) else [()] * len(values)
    shown = [
        place
        for place, name in enumerate(values[0].names)
        if _is_field(name, [each.values[place] for each in values], fields)
    ]
    return [tuple(_text(each.values[place]) for place in shown) for each in values]


def _text(value: object) -> str:
    return value.text if isinstance(value, ExternalValue) else str(value)


def _is_field(name: str, values: Sequence[object], fields: set[str]) -> bool:
    """Return True if a field of a file name shows the values of an axis."""
    if AXIS + name in fields or name.rpartition(".")[2] in fields or ("stem" in fields and _are_files(values)):
        return True
    return all(isinstance(value, str) for value in values) and not TEXTS.isdisjoint(fields)


def _are_files(values: Sequence[object]) -> bool:
    """Return True if the values are files with different names."""
    texts = {value.text for value in values if isinstance(value, ExternalValue)}
    return len({PurePath(text).stem for text in texts}) == len(texts) > 0
