"""The values on the axes of a sweep in one iteration, which file names may contain: `{axis.steps}`, `{row}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from invocations.graph.axes import JOINED, empty_label, name_of
from invocations.sessions.session import Key, Session
from invocations.values import ImageRef


def axis_facts(session: Session, key: Key) -> dict[str, Any]:
    """Return the values of the axes around a run of a node; row and column are the places on the last two, from 1."""
    index = dict(zip(session.expansion.loops.axes(key[0]), key[1], strict=True))
    places: list[int] = []
    facts: dict[str, Any] = {}
    for axis, place in index.items():
        if name_of(session.graph.nodes[axis]):
            places.append(place + 1)
            facts |= {f"axis.{name}": _plain(value, name) for name, value in _values(session, axis, index)}
    if places:
        facts |= {"row": places[-2] if places[1:] else 1, "col": places[-1]}
    return facts


def _values(session: Session, axis: str, index: dict[str, int]) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of an axis; several if axes advance together."""
    name = name_of(session.graph.nodes[axis])
    picks = [edge.target for edge in session.graph.outgoing(axis) if _picks(session, edge.target)]
    names = name.split(JOINED)
    if len(names) > 1 and len(names) == len(picks):  # the items are positions, at which nodes pick the values
        yield from zip(names, (result_in(session, pick, index) for pick in picks), strict=True)
    else:
        yield name, result_in(session, axis, index)


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
