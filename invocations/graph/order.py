"""The order of the nodes of a graph, with parents before children."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from .node import Edge

Edges = Callable[[str], Sequence[Edge]]  # returns the incoming or outgoing edges of a node


class CycleFound(Exception):
    """The edges form a cycle; `path` lists its nodes in order."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(path)
        self.path = path


def topological(ids: Sequence[str], sources: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the ids in topological order, keeping the given order where possible; ignore sources outside `ids`.

    Uses the algorithm of A. B. Kahn, Topological sorting of large networks, 1962. Of several nodes that could come
    next, the one that is listed first in `ids` comes first.
    Raises: CycleFound.
    """
    place = {id_: number for number, id_ in enumerate(ids)}
    if all(place.get(source, -1) < number for id_, number in place.items() for source in sources.get(id_, ())):
        return list(ids)
    waiting = dict.fromkeys(ids, 0)
    targets: dict[str, list[str]] = {}
    for id_ in ids:
        for source in sources.get(id_, ()):
            if source in place:
                waiting[id_] += 1
                targets.setdefault(source, []).append(id_)
    ready = [place[id_] for id_, count in waiting.items() if count == 0]
    heapify(ready)
    result: list[str] = []
    while ready:
        id_ = ids[heappop(ready)]
        result.append(id_)
        for target in targets.get(id_, ()):
            waiting[target] -= 1
            if waiting[target] == 0:
                heappush(ready, place[target])
    if len(result) < len(ids):
        raise CycleFound(_cycle({id_ for id_, count in waiting.items() if count > 0}, sources))
    return result


def _cycle(among: set[str], sources: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return a cycle among the given nodes, each of which must have a source that is also given."""
    path: list[str] = []
    seen: dict[str, int] = {}
    here = min(among)
    while here not in seen:
        seen[here] = len(path)
        path.append(here)
        here = min(source for source in sources.get(here, ()) if source in among)
    return tuple(reversed(path[seen[here] :]))


class Order:
    """A rank for each node, kept lower than the rank of each node it feeds while edges are added."""

    def __init__(self) -> None:
        self.rank: dict[str, int] = {}
        self.next = 0

    def copy(self) -> Order:
        """Return an independent copy."""
        other = Order()
        other.rank, other.next = dict(self.rank), self.next
        return other

    def append(self, ids: Iterable[str]) -> None:
        """Rank new nodes after all existing ones."""
        for id_ in ids:
            self.rank[id_] = self.next
            self.next += 1

    def sorted(self, ids: Iterable[str]) -> list[str]:
        """Sort ids so that parents come before children."""
        return sorted(ids, key=self.rank.__getitem__)

    def make_room(self, source: str, target: str, incoming: Edges, outgoing: Edges) -> None:
        """Rank a source before its new target, visiting only nodes whose rank lies between their ranks.

        Pearce and Kelly, A dynamic topological sort algorithm for directed acyclic graphs, 2007. Raises: CycleFound.
        """
        low, high = self.rank[target], self.rank[source]
        if source == target:
            raise CycleFound((source,))
        if high < low:
            return
        after = {target: ""}
        for id_ in (waiting := [target]):
            for edge in outgoing(id_):
                if edge.target not in after and self.rank[edge.target] <= high:
                    after[edge.target] = id_
                    waiting.append(edge.target)
        if source in after:
            raise CycleFound(_path_to(after, source))
        before = {source}
        for id_ in (waiting := [source]):
            for edge in incoming(id_):
                if edge.source not in before and self.rank[edge.source] >= low:
                    before.add(edge.source)
                    waiting.append(edge.source)
        moved = [*self.sorted(before), *self.sorted(after)]
        self.rank.update(zip(moved, sorted(self.rank[id_] for id_ in moved), strict=True))


def _path_to(found: Mapping[str, str], end: str) -> tuple[str, ...]:
    """Return the path on which the search reached a node."""
    path = [end]
    while found[path[-1]]:
        path.append(found[path[-1]])
    return tuple(reversed(path))
