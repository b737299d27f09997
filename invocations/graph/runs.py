"""The runs of a node: in which iterations it runs, how many runs have ended, and which results each of them uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .axes import Axes
from .gather import keeps_holes, sources_of
from .graph import Graph
from .loops import Key, Loops, Path, Results


class Runs:
    """Knows the runs of all nodes, as far as the loops around them are known."""

    def __init__(self, graph: Graph, loops: Loops, *, results: Results, closed: Collection[str]) -> None:
        self._graph = graph
        self._loops = loops
        self._results = results
        self._closed = closed
        self._ended: dict[str, int] = {}  # for each node in a loop, the number of its runs with a result or an error
        self._blocked: dict[str, set[Path]] = {}

    def end(self, key: Key) -> None:
        """Count a run that now has a result or an error; runs outside loops are not counted."""
        if key[1]:
            self._ended[key[0]] = self._ended.get(key[0], 0) + 1

    def fail(self, key: Key) -> None:
        """Count a run that failed, and the runs in its loop that cannot begin because of the failure."""
        id_, path = key
        self.end(key)
        for other in self._graph.descendants((id_,), beyond=self._needs_all) if path else ():
            if other != id_ and self._loops.axes(other) == self._loops.axes(id_):
                self._blocked.setdefault(other, set()).add(path)

    def _needs_all(self, node_id: str) -> bool:
        return not keeps_holes(self._graph, node_id)

    def reset(self, keys: Iterable[Key]) -> None:
        """Stop counting runs that no longer have a result or an error."""
        self._blocked.clear()
        for id_, path in keys:
            if path:
                self._ended[id_] -= 1

    def ended(self, node_id: str) -> int:
        """Return how many runs of a node in a loop have ended, or cannot begin because an earlier node failed."""
        return self._ended.get(node_id, 0) + len(self._blocked.get(node_id, ()))

    def has_begun(self, node_id: str) -> bool:
        """Return True if a node in a loop has, or once had, a run that ended."""
        return node_id in self._ended

    def paths(self, node_id: str) -> list[Path]:
        """Return the iterations of a node that are known so far, as indices in each enclosing loop."""
        axes = self._loops.axes(node_id)
        if self._loops.is_complete(axes):
            return self._loops.paths(axes)
        return sorted(path for id_, path in list(self._results) if id_ == node_id)

    def iteration(self, node_id: str, path: Path) -> tuple[int, int]:
        """Return the position, from 1, of an iteration among all iterations of a node, and how many there are.

        While the number of iterations is not known, it is 0, and the position is the number of ended runs plus 1.
        """
        axes = self._loops.axes(node_id)
        if self._loops.is_complete(axes):
            return self._loops.iteration(axes, path)
        return self._ended.get(node_id, 0) + 1, 0

    def sources(self, node_id: str, path: Path) -> list[Key]:
        """Return the keys of the results that a node uses in one iteration; a `collect` node uses all items."""
        axes = self._loops.axes(node_id)
        if self._graph.node_type(node_id).many:
            index = dict(zip(axes, path, strict=True))
            return [
                (edge.source, other)
                for edge in self._graph.incoming(node_id)
                for other in self._within(self._loops.axes(edge.source), index)
            ]
        return [source.key(path) for source in sources_of(self._graph, self._loops, node_id, axes)]

    def inputs_left(self, node_id: str) -> list[Key] | None:
        """Return the keys of the results that a node's unfinished runs use, or None if these runs are not known yet."""
        sources = [edge.source for edge in self._graph.incoming(node_id)]
        if not all(self._loops.is_complete(self._loops.axes(id_)) for id_ in (node_id, *sources)):
            return None
        paths = [path for path in self.paths(node_id) if (node_id, path) not in self._results]
        return [key for path in paths for key in self.sources(node_id, path)]

    def needed(self, ids: Iterable[str]) -> set[str]:
        """Return the given nodes and their ancestors, except ancestors that are complete."""
        waiting = list(dict.fromkeys(ids))
        found = set(waiting)
        for id_ in waiting:
            for edge in self._graph.incoming(id_):
                if edge.source not in found and edge.source not in self._closed:
                    found.add(edge.source)
                    waiting.append(edge.source)
        return found

    def _within(self, axes: Axes, index: Mapping[str, int]) -> list[Path]:
        """Return the known iteration paths along the axes, limited to paths that contain the given indices."""
        found = self._loops.within(axes, index)
        if found is not None:
            return found
        places = [(place, index[axis]) for place, axis in enumerate(axes) if axis in index]
        return [path for path in self._loops.paths(axes) if all(path[place] == at for place, at in places)]
