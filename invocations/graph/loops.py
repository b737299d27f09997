"""Loops: the axes of each node, and the iteration paths along these axes.

The axes of a node are the ids of the `iterate` nodes around it, outermost first; an iteration path has one index per
axis. The outer path of an `iterate` node leaves out its own axis.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .axes import Axes
from .graph import Graph

Path = tuple[int, ...]
Key = tuple[str, Path]
Results = Mapping[Key, Mapping[str, Any]]


class Loops:
    """Knows the axes of each node of a graph, and the number of items of each `iterate` node."""

    def __init__(self, graph: Graph, closed: Collection[str]) -> None:
        self._graph = graph
        self._closed = closed  # nodes that have no runs left, including `iterate` nodes whose items are all known
        self._axes = graph.axes
        self._rounds: dict[str, dict[Path, int]] = {}  # for each `iterate` node, the number of items by outer iteration
        self._fresh: dict[str, set[Path]] = {}  # the keys of `_rounds` that were set since the last reset
        self._paths: dict[Axes, list[Path]] = {(): [()]}
        self._numbers: dict[Axes, dict[Path, int]] = {}
        self._picks: dict[tuple[Axes, Axes], tuple[int, ...]] = {}

    @property
    def exist(self) -> bool:
        """Whether the graph has a loop."""
        return bool(self._axes)

    def axes(self, node_id: str) -> Axes:
        """Return the `iterate` nodes around a node, including the node itself if it is one."""
        return self._axes.get(node_id, ())

    def outer(self, node_id: str) -> Axes:
        """Return the axes along which a node runs; an `iterate` node does not run along its own axis."""
        axes = self._axes.get(node_id, ())
        return axes[:-1] if axes and axes[-1] == node_id else axes

    def paths(self, axes: Axes) -> list[Path]:
        """Return the iteration paths along these axes in order, as far as the numbers of items are known."""
        known = self._paths.get(axes)
        if known is not None:
            return known
        start = max(length for length in range(len(axes)) if axes[:length] in self._paths)
        paths = self._paths[axes[:start]]
        for length in range(start, len(axes)):
            rounds = self._rounds.get(axes[length], {})
            picks = self.picks(self.outer(axes[length]), axes[:length])
            paths = [(*path, i) for path in paths for i in range(rounds.get(tuple(path[pick] for pick in picks), 0))]
            if self.is_complete(axes[: length + 1]):
                self._paths[axes[: length + 1]] = paths
        return paths

    def within(self, axes: Axes, index: Mapping[str, int]) -> list[Path] | None:
        """Return the iteration paths that contain the given indices, or None if a number of items is not known yet."""
        paths: list[Path] = [()]
        for length, axis in enumerate(axes):
            if axis in index:
                paths = [(*path, index[axis]) for path in paths]
                continue
            rounds, fresh = self._rounds.get(axis, {}), self._fresh.get(axis, ())
            picks = self.picks(self.outer(axis), axes[:length])
            outer = [project(path, picks) for path in paths]
            if not all(each in fresh for each in outer):
                return None
            paths = [(*path, i) for path, each in zip(paths, outer, strict=True) for i in range(rounds[each])]
        return paths

    def is_complete(self, axes: Axes) -> bool:
        """Return True if all iteration paths along these axes are known."""
        return all(axis in self._closed for axis in axes)

    def iteration(self, axes: Axes, path: Path) -> tuple[int, int]:
        """Return the number of an iteration, from 1, among all iterations along these axes, and how many there are."""
        numbers = self._numbers.get(axes)
        if numbers is None:
            numbers = self._numbers[axes] = {each: number for number, each in enumerate(self.paths(axes), 1)}
        return numbers[path], len(numbers)

    def picks(self, axes: Axes, within: Axes) -> tuple[int, ...]:
        """Return the position in `within` of each axis in `axes`; axes that `within` lacks are left out."""
        key = (axes, within)
        known = self._picks.get(key)
        if known is None:
            places = {axis: place for place, axis in enumerate(within)}
            known = self._picks[key] = tuple(places[axis] for axis in axes if axis in places)
        return known

    def set_rounds(self, iterate: str, path: Path, times: int) -> None:
        """Set the number of items of an `iterate` node in one iteration of the loops around it."""
        self._rounds.setdefault(iterate, {})[path] = times
        self._fresh.setdefault(iterate, set()).add(path)

    def items(self, iterate: str) -> int | None:
        """Return the number of items of an `iterate` node, or None if it is unknown or differs between iterations."""
        found = set(self._rounds.get(iterate, {}).values())
        return found.pop() if len(found) == 1 and self.is_complete((iterate,)) else None

    def is_fresh(self, iterate: str, path: Path) -> bool:
        """Return True if the number of items of an `iterate` node was set for this outer path since the last reset."""
        return path in self._fresh.get(iterate, ())

    def holes(self, axes: Axes) -> list[tuple[str, set[Path]]]:
        """Return the `iterate` nodes with an unknown number of items, and the outer paths for which it is unknown."""
        found = []
        for axis in axes:
            rounds = self._rounds.get(axis, {})
            around = self.paths(self.outer(axis))
            if len(rounds) < len(around):
                found.append((axis, {path for path in around if path not in rounds}))
        return found

    def forget(self, iterates: Iterable[str]) -> None:
        """Drop the iteration paths along `iterate` nodes that will run again."""
        gone = set(iterates)
        for iterate in gone:
            self._fresh.pop(iterate, None)
        for axes in [axes for axes in self._paths if not gone.isdisjoint(axes)]:
            del self._paths[axes]
            self._numbers.pop(axes, None)


def project(path: Path, picks: tuple[int, ...]) -> Path:
    """Return the indices at the given positions of an iteration path."""
    return tuple(path[pick] for pick in picks)
