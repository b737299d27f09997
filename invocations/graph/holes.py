"""Holes: the places in the list of a `collect` node whose items failed, and the results that were made with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .compatible import HOLES
from .gather import group_of
from .graph import Graph
from .loops import Key, Loops, Path, Results


def keeps_holes(graph: Graph, node_id: str) -> bool:
    """Return True if a node is a `collect` node whose list has None in place of each missing item."""
    return bool(graph.nodes[node_id].inputs.get(HOLES)) and bool(graph.node_type(node_id).many)


class Holes:
    """Finds the results that must be computed again once a missing item exists."""

    def __init__(self, graph: Graph, loops: Loops, *, results: Results, skipped: Mapping[Key, str]) -> None:
        self._graph = graph
        self._loops = loops
        self._results = results
        self._skipped = skipped
        self._collectors: list[str] = []

    @property
    def exist(self) -> bool:
        """Whether the graph has a `collect` node that keeps holes."""
        return bool(self._collectors)

    def add(self, node_id: str) -> None:
        """Add a new node."""
        if keeps_holes(self._graph, node_id):
            self._collectors.append(node_id)

    def missing(self, key: Key) -> int:
        """Return how many items are missing in the list of a `collect` node, apart from skipped ones."""
        if not keeps_holes(self._graph, key[0]):
            return 0
        outputs = self._results.get(key)
        if outputs is None or None not in next(iter(outputs.values())):
            return 0
        group = group_of(self._graph, self._loops, *key)
        return sum(each not in self._skipped for each in group.missing(self._results)) if group is not None else 0

    def affected(self) -> list[Key]:
        """Return the lists that lack items because a node failed, and all runs that depend on these lists."""
        found = {key: None for id_ in self._collectors for key in self._keys(id_) if self.missing(key)}
        waiting = list(found)
        for key in waiting:
            for user in self._users(key):
                if user not in found:
                    found[user] = None
                    waiting.append(user)
        return waiting

    def _keys(self, node_id: str) -> list[Key]:
        return [(node_id, path) for path in self._loops.paths(self._loops.axes(node_id))]

    def _users(self, key: Key) -> Iterator[Key]:
        """Yield the runs that use a result, whether they have run or not."""
        index = dict(zip(self._loops.axes(key[0]), key[1], strict=True))
        for target in dict.fromkeys(edge.target for edge in self._graph.outgoing(key[0])):
            paths: list[Path] | None = self._loops.within(self._loops.axes(target), index)
            for path in paths if paths is not None else self._loops.paths(self._loops.axes(target)):
                yield (target, path)
