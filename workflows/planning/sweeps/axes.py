"""The axes of a line's sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen
from invocations.graph.axes import empty_label, name_of
from invocations.graph.linking import Loop, Offer
from invocations.sheets import labels_of
from invocations.values import ImageRef, Ref
from workflows.values.codecs import ExternalValue
from workflows.values.constraints import number_text

if TYPE_CHECKING:
    from invocations.sessions.session import Session


AXIS: Final = "axis."  # prefix for the name of an axis in a field of a file name


@frozen
class ZippedValues:
    """The values that one item takes from several axes that advance together."""

    names: Sequence[str]
    values: Sequence[Any]

    def __str__(self) -> str:
        parts = zip(self.names, self.values, strict=True)
        return ", ".join(f"{name} {label(value)}" if _is_bare(value) else label(value, name) for name, value in parts)


def _is_bare(value: Any) -> bool:
    """Whether the label of a value says little without the name of its axis."""
    return value is None or isinstance(value, (bool, int, float))


@frozen
class SweepAxis:
    """An axis of a sweep.

    name: `steps`, or `i2i.steps` if two stages of the line have such an axis
    command, field: the command and the input that takes the values
    iterate: the id of the node that iterates over them
    values: the values in order; () if they are not known before the line runs
    """

    name: str
    command: str
    field: str
    iterate: str
    values: Sequence[Any] = ()

    @property
    def full_name(self) -> str:
        """The name with the command: `t2i.steps`."""
        return f"{self.command}.{self.field}"

    @property
    def names(self) -> tuple[str, str]:
        """The names that no other axis can have."""
        return self.name, self.full_name

    @property
    def count(self) -> int | None:
        """The number of values, or None if it is not known."""
        return len(self.values) or None

    @property
    def labels(self) -> list[str]:
        """The text that is shown for each value."""
        return [label(value, self.name) for value in self.values]


def label(value: Any, axis: str = "") -> str:
    """Return a value of an axis as text.

    Examples: `0.5`, `yes`, the name of a model or of an image file (without its suffix), and `without red` for "".
    """
    if value == "" and axis:
        return empty_label(axis)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(label, value))
    if isinstance(value, ExternalValue):
        return PurePath(value.text).stem if value.kind == ImageRef.kind else value.text
    return labels_of([value])[0] if isinstance(value, Ref) else str(value)


def axis_of(item: Offer, command: str, field: str, values: Sequence[Any]) -> tuple[Offer, SweepAxis]:
    """Return the item with the values of its axis stored in the innermost loop, and the axis itself."""
    inner = item.loops[-1]
    axis = SweepAxis(inner.axis, command, field, item.node, values or inner.values)
    loop = replace(inner, values=axis.values, full_name=axis.full_name)
    return replace(item, loops=(*item.loops[:-1], loop)), axis


def loops_in(session: Session, node: str) -> tuple[Loop, ...]:
    """Return the loops around a node of a session, the outermost first."""
    graph = session.graph
    return tuple(
        Loop(each, name_of(graph.nodes[each]), (0, graph.rank(each)), _items(session, each))
        for each in session.expansion.loops.axes(node)
    )


def _items(session: Session, iterate: str) -> Sequence[Any]:
    """Return the items of an `iterate` node of a session.

    Returns () if they differ between iterations, are not known, or have no names, such as images that are not files.
    """
    lists = [session.values(edge.source, edge.output) for edge in session.graph.incoming(iterate)]
    items = lists[0][0] if lists and len(lists[0]) == 1 else ()
    return items if labels_of(items) else ()


def sweep_of(loops: Sequence[Loop]) -> tuple[Loop, ...]:
    """Return those loops that are axes of a sweep."""
    return tuple(loop for loop in loops if loop.axis)
