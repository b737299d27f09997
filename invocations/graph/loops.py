"""Loops: which iterates are around each node (its axes), and which iteration paths these make.

The axes of a node are the ids of the iterates around it, outermost first; a path holds one index for each axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .graph import Graph

Path = tuple[int, ...]
Axes = tuple[str, ...]
Key = tuple[str, Path]
Results = Mapping[Key, Mapping[str, Any]]


class Loops:
    """The axes of each node of a graph, and how often each iterate goes round."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._axes: dict[str, Axes] = {}  # nodes outside loops are left out
        self._rounds: dict[str, dict[Path, int]] = {}  # iterate -> path around it -> how many items
        self._paths: dict[Axes, list[Path]] = {(): [()]}
        self._picks: dict[tuple[Axes, Axes], tuple[int, ...]] = {}

    def axes(self, node_id: str) -> Axes:
        """Return the iterates around a node, itself included if it is one."""
        return self._axes.get(node_id, ())

    def outer(self, node_id: str) -> Axes:
        """Return the axes along which a node does its work: for an iterate those without itself."""
        axes = self._axes.get(node_id, ())
        return axes[:-1] if axes and axes[-1] == node_id else axes

    def add(self, node_id: str) -> None:
        """Work out the axes of a node whose sources are known."""
        role = self._graph.node_type(node_id).spec.role
        incoming = self._graph.incoming(node_id)
        if role == "collect":
            axes = self._around_collect(node_id)
        else:
            axes = self.merge(self._axes.get(edge.source, ()) for edge in incoming)
        if role == "iterate":
            axes = (*axes, node_id)
        if axes:
            self._axes[node_id] = axes

    def merge(self, many: Iterable[Axes]) -> Axes:
        """Return all axes of several nodes, outermost first."""
        merged: Axes = ()
        for axes in many:
            if not axes or axes == merged:
                continue
            merged = axes if not merged else tuple(sorted({*merged, *axes}, key=self._graph.rank))
        return merged

    def paths(self, axes: Axes) -> list[Path]:
        """Return all paths along some axes in lexical order; the iterates have gone round."""
        known = self._paths.get(axes)
        if known is not None:
            return known
        start = max(length for length in range(len(axes)) if axes[:length] in self._paths)
        for length in range(start, len(axes)):
            rounds = self._rounds.get(axes[length], {})
            picks = self.picks(self.outer(axes[length]), axes[:length])
            self._paths[axes[: length + 1]] = [
                (*path, index)
                for path in self._paths[axes[:length]]
                for index in range(rounds.get(tuple(path[pick] for pick in picks), 0))
            ]
        return self._paths[axes]

    def picks(self, axes: Axes, within: Axes) -> tuple[int, ...]:
        """Return where in `within` each of `axes` is; those that are not there are left out."""
        key = (axes, within)
        known = self._picks.get(key)
        if known is None:
            places = {axis: place for place, axis in enumerate(within)}
            known = self._picks[key] = tuple(places[axis] for axis in axes if axis in places)
        return known

    def go_round(self, iterate: str, path: Path, times: int) -> None:
        """Settle how many items an iterate has at a path around it."""
        self._rounds.setdefault(iterate, {})[path] = times

    def holes(self, axes: Axes) -> list[tuple[str, set[Path]]]:
        """Return those of some iterates that could not go round everywhere, each with the paths where not."""
        found = []
        for axis in axes:
            rounds = self._rounds.get(axis, {})
            around = self.paths(self.outer(axis))
            if len(rounds) < len(around):
                found.append((axis, {path for path in around if path not in rounds}))
        return found

    def forget(self, iterates: Iterable[str]) -> None:
        """Forget the paths along iterates that will go round again."""
        gone = set(iterates)
        for axes in [axes for axes in self._paths if not gone.isdisjoint(axes)]:
            del self._paths[axes]

    def _around_collect(self, node_id: str) -> Axes:
        items, lists = self.gathered(node_id)
        outer = items[:-1]
        return self.merge((outer, tuple(axis for axis in lists if axis not in items)))

    def gathered(self, node_id: str) -> tuple[Axes, Axes]:
        """Return the axes of a collect's items and of the lists it goes on from."""
        many = self._graph.node_type(node_id).many
        incoming = self._graph.incoming(node_id)
        items = self.merge(self.axes(edge.source) for edge in incoming if edge.input == many)
        lists = self.merge(self.axes(edge.source) for edge in incoming if edge.input != many)
        return items, lists


def project(path: Path, picks: tuple[int, ...]) -> Path:
    """Return the indices of a path at some places."""
    return tuple(path[pick] for pick in picks)
