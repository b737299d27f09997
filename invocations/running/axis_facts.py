"""The values on the axes of a sweep in one iteration, for file names (`{axis.steps}`, `{row}`) and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from invocations.graph.axes import JOINED, empty_label, name_of, places_of
from invocations.sessions.session import Key, Session
from invocations.values import ImageRef

MAX_NAME = 40  # maximum length in characters of a value in the name of an item
Shown = (str, int, float, bool, ImageRef, type(None))  # types whose values name an item


def axis_facts(session: Session, key: Key) -> dict[str, Any]:
    """Return the values of the axes around a run of a node; row and column are counted on the last two, from 1."""
    index = dict(zip(session.expansion.loops.axes(key[0]), key[1], strict=True))
    places: list[int] = []
    facts: dict[str, Any] = {}
    for axis, place in index.items():
        if name_of(session.graph.nodes[axis]):
            places += [each + 1 for each in places_of(session.graph.nodes[axis], place)]
            facts |= {f"axis.{name}": _plain(value, name) for name, value in _values(session, axis, index)}
    if places:
        facts |= {"row": places[-2] if places[1:] else 1, "col": places[-1]}
    return facts


def _values(session: Session, axis: str, index: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of an axis, or of each of several axes that advance together."""
    name = name_of(session.graph.nodes[axis])
    picks = [edge.target for edge in session.graph.outgoing(axis) if _picks(session, edge.target)]
    names = name.split(JOINED)
    if len(names) > 1 and len(names) == len(picks):  # each item is a position; `pick` nodes take the values from it
        yield from zip(names, (result_in(session, pick, index) for pick in picks), strict=True)
    else:
        yield name, result_in(session, axis, index)


def item_name(session: Session, key: Key) -> str:
    """Return a name for the loop item that a run of a node belongs to: `steps 20, b.png`, or `item 3`."""
    index = dict(zip(session.expansion.loops.axes(key[0]), key[1], strict=True))
    return ", ".join(part for axis in index for part in _parts(session, axis, index))


def _parts(session: Session, axis: str, index: Mapping[str, int]) -> list[str]:
    """Return the name of an item of one loop, in parts if several axes advance together."""
    values = [(name, value) for name, value in _values(session, axis, index) if isinstance(value, Shown)]
    is_file = any("loads" in session.graph.node_type(each.target).spec.roles for each in session.graph.outgoing(axis))
    parts = [_part(name, value, is_file=is_file) for name, value in values]
    return parts if all(parts) and parts else [f"item {index[axis] + 1}"]


def _part(name: str, value: Any, *, is_file: bool) -> str:
    """Return the name of an axis and a value on it, such as `steps 20`, or only a file name; "" if there is no name."""
    if isinstance(value, ImageRef):
        return PurePath(value.path).name if value.path else ""
    text = " ".join(str(_plain(value, name)).split())
    text = PurePath(text).name if is_file else text
    text = text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"
    if is_file or not name:
        return text if is_file else ""
    return f"{name} {text}"


def _picks(session: Session, node: str) -> bool:
    return "picks" in session.graph.node_type(node).spec.roles


def result_in(session: Session, node: str, index: Mapping[str, int]) -> Any:
    """Return the result of a node in an iteration, or None if there is none."""
    around = session.expansion.loops.axes(node)
    if not all(axis in index for axis in around):
        return None
    outputs = session.results.get((node, tuple(index[axis] for axis in around)), {})
    return next(iter(outputs.values()), None)


def _plain(value: Any, axis: str) -> Any:
    """Return a value as a file name shows it: a whole number without a point, an image as the name of its file."""
    if value == "":
        return empty_label(axis)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, ImageRef):
        return PurePath(value.path or "").stem
    return "none" if value is None else value
