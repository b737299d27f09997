"""Refuse names of saved images that are the same for all items of an axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument
from invocations.graph.axes import JOINED
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.values.codecs import ExternalValue

from .axes import SweepAxis, ZippedValues
from .names import AXIS, fields_in

if TYPE_CHECKING:
    from invocations.graph.node import Node
    from invocations.spec import InvocationSpec
    from workflows.planning.build import PlannedValue

TEXTS: Final = frozenset({"prompt", "negative"})  # fields that change with any text of the line


def refused_names(
    nodes: Iterable[Node],
    values: Iterable[PlannedValue],
    catalog: Mapping[str, InvocationSpec],
    axes: Sequence[SweepAxis],
    around: Mapping[str, Sequence[str]],
) -> Iterator[LanguageError]:
    """Yield an error for each template of a file name that does not distinguish the items of an axis.

    axes: those of the line. around: the `iterate` nodes around each node
    """
    spans = {(value.node, value.input): value.span for value in values}
    for node in nodes:
        name = first_argument(catalog[node.type]) if "saves" in catalog[node.type].roles else ""
        written, span = node.inputs.get(name), spans.get((node.id, name))
        if isinstance(written, str) and span is not None and "{" in written and not node.inputs.get("overwrite"):
            loops = around.get(node.id, ())
            found = [axis for iterate in loops for axis in axes if axis.iterate == iterate and _varies(axis)]
            yield from _refused(written, span, found)


def _refused(written: str, span: Span, around: Sequence[SweepAxis]) -> Iterator[LanguageError]:
    fields = fields_in(written)
    names = {each for axis in around for each in (axis.name, *axis.name.split(JOINED))}
    unknown = {field for field in fields if field.startswith(AXIS)} - {AXIS + name for name in names}
    if "index" in fields or unknown:  # an unknown field is refused when the name is checked
        return
    places = {axis.iterate: field for axis, field in zip(reversed(around), ("col", "row"), strict=False)}
    same = [axis for axis in around if places.get(axis.iterate) not in fields and not _is_named(axis, fields)]
    if same:
        message = f"the name `{written}` is the same for every value of " + _listed(f"`{axis.name}`" for axis in same)
        more = _listed(f"`{{{AXIS}{_missing(axis, fields)}}}`" for axis in same)
        yield LanguageError(
            "same_target", message, span, f"add {more}{',' * (len(same) > 1)} or `{{index}}` to the name"
        )


def _missing(axis: SweepAxis, fields: set[str]) -> str:
    """Return the first name of an axis that no field shows."""
    names = axis.name.split(JOINED)
    return next((name for name in names if not {AXIS + name, name}.intersection(fields)), names[0])


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def _is_named(axis: SweepAxis, fields: set[str]) -> bool:
    """Return True if the fields of a file name tell all items of an axis apart."""
    if any(isinstance(value, ZippedValues) for value in axis.values):
        return AXIS + axis.name in fields or _differ(axis.values, fields)
    return _is_field(axis.name, axis.values, fields)


def _differ(values: Sequence[ZippedValues], fields: set[str]) -> bool:
    """Return True if the values of axes that form one axis differ in at least one of the fields."""
    shown = [
        place
        for place, name in enumerate(values[0].names)
        if _is_field(name, [each.values[place] for each in values], fields)
    ]
    return len({tuple(str(each.values[place]) for place in shown) for each in values}) == len(set(map(str, values)))


def _is_field(name: str, values: Sequence[object], fields: set[str]) -> bool:
    """Return True if a field of a file name shows the values of an axis."""
    if AXIS + name in fields or name.rpartition(".")[2] in fields or ("stem" in fields and _are_files(values)):
        return True
    return all(isinstance(value, str) for value in values) and not TEXTS.isdisjoint(fields)


def _are_files(values: Sequence[object]) -> bool:
    """Return True if the values are files with different names."""
    texts = {value.text for value in values if isinstance(value, ExternalValue)}
    return len({PurePath(text).stem for text in texts}) == len(texts) > 0


def _varies(axis: SweepAxis) -> bool:
    return len(set(map(str, axis.values))) > 1
