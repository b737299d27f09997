"""Expand loops and lazy branches: determine which nodes are ready, at which iteration paths and with which inputs.

Inputs are matched on shared axes: independent loops form a product; two branches inside one loop pair their items. A
`collect` node removes the innermost axis. Each node is expanded once its parents are done, without recursion and
at a cost that is linear in the number of results. This module does not run or store anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from heapq import heappop, heappush
from typing import Any

from .branches import Branches
from .gather import sources_of
from .graph import Graph
from .loops import Key, Loops, Path
from .ready import NOT_CHOSEN, NodeStep, Outputs, ReadyNodes

__all__ = ["NOT_CHOSEN", "Expansion", "NodeStep"]


class Expansion:
    """The progress of a graph: which nodes are done, ready, skipped, or blocked by a failed node."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.loops = Loops(graph)
        self._branches = Branches(graph, self.loops)
        self.results: dict[Key, Outputs] = {}
        self.errors: dict[Key, Any] = {}
        self.skipped: dict[Key, str] = {}
        self._skips: dict[str, set[Path]] = {}
        self.pending: dict[Key, Outputs] = {}  # ready to run, with inputs
        self._waiting: dict[str, int] = {}  # by unexpanded node: the number of parents and decisions it waits for
        self._frontier: list[tuple[int, str]] = []  # a heap of nodes that wait for nothing, ordered by rank
        self._aside: list[tuple[int, str]] = []
        self._undecided: set[str] = set()  # unexpanded nodes that wait for the decision of an `if`
        self._left: dict[str, int] = {}  # for each node, the number of its pending runs
        self._closed: set[str] = set()
        self._stuck: set[str] = set()  # nodes that failed or are blocked at some path
        self._ready_nodes = ReadyNodes(
            graph, self.loops, self._branches,
            results=self.results, errors=self.errors, skipped=self.skipped, stuck=self._stuck,
        )  # fmt: skip

    def add(self, ids: Sequence[str]) -> None:
        """Track nodes that were added to the graph, listed parents first."""
        for id_ in ids:
            self.loops.add(id_)
        changed = self._branches.add(reversed(ids))
        if changed:
            self._reconsider(changed)
        for id_ in ids:
            self._count(id_)
        for id_ in ids:
            if self._graph.node_type(id_).condition:
                self._decide(id_)

    def begin(self) -> None:
        """Put the nodes that an earlier run was not allowed to expand back into the frontier."""
        for entry in self._aside:
            heappush(self._frontier, entry)
        self._aside.clear()

    def advance(
        self, limit: int | None = None, allowed: Collection[str] | None = None, *, idle: bool = False
    ) -> list[NodeStep]:
        """Expand every node whose parents are done and whose rank is below `limit`, but no nodes outside `allowed`.

        idle: whether no node is running. If so, a node that still waits for a decision is waiting for itself or for a
        node that will not run, so it is treated as needed.
        """
        steps = self._expand(limit, allowed)
        while idle and not any(step.kind == "run" for step in steps) and self._free_one(limit, allowed):
            steps += self._expand(limit, allowed)
        return steps

    def _expand(self, limit: int | None, allowed: Collection[str] | None) -> list[NodeStep]:
        steps: list[NodeStep] = []
        while self._frontier and (limit is None or self._frontier[0][0] < limit):
            entry = heappop(self._frontier)
            id_ = entry[1]
            if self._waiting.get(id_) != 0:
                continue
            if allowed is not None and id_ not in allowed:
                self._aside.append(entry)
                continue
            del self._waiting[id_]
            self._undecided.discard(id_)
            steps += self._open(id_)
        return steps

    def _free_one(self, limit: int | None, allowed: Collection[str] | None) -> bool:
        """Find the first node that only waits for decisions and treat it as needed; return False if there is none."""
        ready = [
            (self._graph.rank(id_), id_)
            for id_ in self._undecided
            if (allowed is None or id_ in allowed)
            and all(edge.source in self._closed for edge in self._graph.incoming(id_))
        ]
        if not ready or (limit is not None and min(ready)[0] >= limit):
            return False
        id_ = min(ready)[1]
        self._branches.free(id_)
        self._count(id_)
        return True

    def succeed(self, key: Key, outputs: Outputs) -> None:
        """Record the outputs of a node at an iteration path."""
        self.results[key] = outputs
        self._done(key)

    def fail(self, key: Key, error: Any) -> None:
        """Record the error of a node at an iteration path."""
        self.errors[key] = error
        if key in self.pending:
            self._stuck.add(key[0])
        self._done(key)

    def skip(self, key: Key, reason: str) -> None:
        """Record that a node was skipped at an iteration path."""
        self.skipped[key] = reason
        self._skips.setdefault(key[0], set()).add(key[1])

    def retry(self) -> set[str]:
        """Reset all failed and blocked nodes so that they can run again; return their ids."""
        again = set(self._stuck)
        self.errors.clear()
        self._stuck.clear()
        self._reopen(again)
        return again

    def forget(self, ids: Collection[str], keys: Collection[Key] | None = None) -> None:
        """Drop the results of nodes, or only those under `keys`, and mark the nodes as unexpanded so they run again."""
        again = set(ids)
        for key in [key for key in self.results if key[0] in again] if keys is None else keys:
            self.results.pop(key, None)
        self._reopen(again.union(id_ for id_, _ in keys or ()))

    def is_done(self, ids: Iterable[str]) -> bool:
        """Return True if every given node has all its results or was skipped."""
        return all(id_ in self._closed and id_ not in self._stuck for id_ in ids)

    def is_closed(self, id_: str) -> bool:
        """Return True if a node has no runs left, whatever their outcome."""
        return id_ in self._closed

    def _reopen(self, again: set[str]) -> None:
        self._take_back(again)
        self.loops.forget(again)
        self._branches.forget(again)
        self._count_again(again)

    def _take_back(self, again: set[str]) -> None:
        """Mark nodes as unexpanded; the next expansion determines their remaining runs again."""
        if not self._left.keys().isdisjoint(again):
            for key in [key for key in self.pending if key[0] in again]:
                del self.pending[key]
        for id_ in again:
            self._left.pop(id_, None)
        self._closed -= again

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

    def paths(self, node_id: str) -> list[Path]:
        """Return the iteration paths of a node that are known so far."""
        axes = self.loops.axes(node_id)
        if axes and not self._closed.issuperset(axes):
            return sorted(path for id_, path in list(self.results) if id_ == node_id)
        return self.loops.paths(axes)

    def iteration(self, node_id: str, path: Path) -> tuple[int, int]:
        """Return the position, from 1, of a path among all iteration paths of a node, and the number of these paths."""
        return self.loops.iteration(self.loops.axes(node_id), path)

    def sources(self, node_id: str, path: Path) -> list[Key]:
        """Return the keys of the results that feed a node at an iteration path; for a `collect` node, of all items."""
        axes = self.loops.axes(node_id)
        if self._graph.node_type(node_id).many:
            return [
                (edge.source, other)
                for edge in self._graph.incoming(node_id)
                for other in self.loops.paths(self.loops.axes(edge.source))
                if self._agrees(axes, path, self.loops.axes(edge.source), other)
            ]
        return [source.key(path) for source in sources_of(self._graph, self.loops, node_id, axes)]

    def inputs_left(self, node_id: str) -> list[Key] | None:
        """Return the keys of the results that a node's unfinished runs use, or None if these runs are not known yet."""
        axes = {*self.loops.axes(node_id)}
        for edge in self._graph.incoming(node_id):
            axes.update(self.loops.axes(edge.source))
        if not self._closed.issuperset(axes):
            return None
        paths = [path for path in self.paths(node_id) if (node_id, path) not in self.results]
        return [key for path in paths for key in self.sources(node_id, path)]

    def _agrees(self, axes: tuple[str, ...], path: Path, other_axes: tuple[str, ...], other: Path) -> bool:
        index = dict(zip(axes, path, strict=True))
        return all(index.get(axis, place) == place for axis, place in zip(other_axes, other, strict=True))

    def _open(self, id_: str) -> list[NodeStep]:
        """Expand one node whose parents are done."""
        steps = self._ready_nodes.open(id_)
        left = 0
        for kind, _, path, data in steps:
            if kind == "run":
                self.pending[id_, path] = data
                left += 1
            elif kind == "given":
                self.results[id_, path] = data
            elif kind == "skipped":
                self.skip((id_, path), data)
            else:
                self._stuck.add(id_)
        if left:
            self._left[id_] = left
        else:
            self._close(id_)
        return steps

    def _done(self, key: Key) -> None:
        if self.pending.pop(key, None) is None:
            return
        id_ = key[0]
        self._left[id_] -= 1
        if not self._left[id_]:
            del self._left[id_]
            self._close(id_)

    def _close(self, id_: str) -> None:
        self._closed.add(id_)
        waiting = self._waiting
        for edge in self._graph.outgoing(id_):
            target = edge.target
            if target in waiting:
                waiting[target] -= 1
                if not waiting[target]:
                    heappush(self._frontier, (self._graph.rank(target), target))
        self._decide(id_)

    def _decide(self, id_: str) -> None:
        if not self._branches.any:
            return
        for watcher in self._branches.decide(id_, self._closed, self.results):
            if watcher in self._waiting:
                self._count(watcher)

    def _count(self, id_: str) -> None:
        """Count the parents and decisions that a node waits for."""
        closed = self._closed
        missing = sum(edge.source not in closed for edge in self._graph.incoming(id_))
        undecided = self._branches.undecided(id_)
        if undecided:
            self._undecided.add(id_)
            missing += undecided
        else:
            self._undecided.discard(id_)
        self._waiting[id_] = missing
        if not missing:
            heappush(self._frontier, (self._graph.rank(id_), id_))

    def _reconsider(self, changed: set[str]) -> None:
        """Expand nodes again if a new node may need them, together with the nodes inside loops that were skipped."""
        loops = [id_ for id_ in changed if self._graph.node_type(id_).spec.role == "iterate"]
        inside = {id_ for id_ in self._graph.descendants(loops) if not set(loops).isdisjoint(self.loops.axes(id_))}
        again = {id_ for id_ in changed | inside if id_ in self._closed or id_ in self._left or id_ in self._waiting}
        self._take_back(again)
        for id_ in again:
            for path in self._skips.pop(id_, ()):
                del self.skipped[id_, path]
        self.loops.forget(loops)
        self._count_again(again)

    def _count_again(self, ids: Collection[str]) -> None:
        for id_ in ids:
            self._count(id_)
            for edge in self._graph.outgoing(id_):
                if edge.target in self._waiting and edge.target not in ids:
                    self._count(edge.target)
