"""Expand loops and lazy branches: determine which nodes are ready, in which iterations and with which inputs.

Inputs are matched on shared axes: independent loops form a product; two branches inside one loop pair their items. A
`collect` node closes the innermost axis, or the axes that it names. Each node is expanded once its parents are done; in
a loop, its runs for single items are expanded before that (`Items`). There is no recursion, and the cost is linear in
the number of results. This module does not run or store anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from heapq import heappop, heappush
from typing import Any

from .branches import Branches
from .graph import Graph
from .items import Items
from .loops import Key, Loops, Path
from .queue import Places
from .ready import NOT_CHOSEN, NodeStep, Outputs, ReadyNodes, is_enough
from .runs import Runs

__all__ = ["NOT_CHOSEN", "Expansion", "NodeStep"]


class Expansion:
    """The progress of a graph: which nodes are done, ready, skipped, or blocked by a failed node."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._closed: set[str] = set()
        self.loops = Loops(graph, self._closed)
        self.places = Places(graph, self.loops)
        self._branches = Branches(graph, self.loops)
        self.results: dict[Key, Outputs] = {}
        self.runs = Runs(graph, self.loops, results=self.results, closed=self._closed)
        self.errors: dict[Key, Any] = {}
        self.skipped: dict[Key, str] = {}
        self._skips: dict[str, set[Path]] = {}
        self.pending: dict[Key, Outputs] = {}  # ready to run, with inputs
        self._waiting: dict[str, int] = {}  # for each unexpanded node, the number of parents and decisions it waits for
        self._frontier: list[tuple[int, str]] = []  # a heap of nodes that wait for nothing, ordered by rank
        self._aside: list[tuple[int, str]] = []
        self._undecided: set[str] = set()  # unexpanded nodes that wait for the decision of an `if`
        self._left: dict[str, int] = {}  # for each node, the number of its pending runs
        self.stuck: set[str] = set()  # nodes that failed or are blocked in at least one iteration
        self._ready_nodes = ReadyNodes(
            graph, self.loops, self._branches,
            results=self.results, errors=self.errors, skipped=self.skipped, pending=self.pending, stuck=self.stuck,
        )  # fmt: skip
        self._items = Items(
            graph, self.loops, self._branches, self._ready_nodes, results=self.results, waiting=self._waiting,
            done=(self.results, self.errors, self.skipped, self.pending),
        )  # fmt: skip

    def add(self, ids: Sequence[str]) -> None:
        """Track nodes that were added to the graph, listed parents first."""
        for id_ in ids:
            self._items.add(id_)
        if self.loops.exist:
            self.places.add(reversed(ids))
        changed = self._branches.add(reversed(ids))
        if changed:
            self._reconsider(changed)
        for id_ in ids:
            self._count(id_)
        for id_ in ids:
            if self._graph.node_type(id_).condition:
                self._decide(id_)

    def begin(self) -> None:
        """Requeue the nodes that an earlier run was not allowed to expand."""
        for entry in self._aside:
            heappush(self._frontier, entry)
        self._aside.clear()
        self._items.begin()

    def advance(
        self, limit: int | None = None, allowed: Collection[str] | None = None, *, idle: bool = False,
        is_cancelled: Callable[[], bool] = bool,
    ) -> list[NodeStep]:  # fmt: skip
        """Expand every node whose parents are done and whose rank is below `limit`, but no nodes outside `allowed`.

        idle: whether no node is running. If so, a node that still waits for a decision is waiting for itself or for a
        node that will not run, so it is treated as needed. is_cancelled: if it returns True, many steps are enough
        """
        steps: list[NodeStep] = []
        ends = partial(is_enough, steps, is_cancelled)
        self._expand(steps, limit, allowed, ends)
        while idle and not any(step.kind == "run" for step in steps) and not ends() and self._free_one(limit, allowed):
            self._expand(steps, limit, allowed, ends)
        return steps

    def _expand(
        self, steps: list[NodeStep], limit: int | None, allowed: Collection[str] | None, ends: Callable[[], bool]
    ) -> None:  # appends the steps that have become ready until `ends` returns True
        while self._frontier and (limit is None or self._frontier[0][0] < limit) and not (steps and ends()):
            _, id_ = entry = heappop(self._frontier)
            if self._waiting.get(id_) != 0:
                continue
            if allowed is not None and id_ not in allowed:
                self._aside.append(entry)
                continue
            del self._waiting[id_]
            self._undecided.discard(id_)
            steps += self._open(id_)
        for step in self._items.steps(limit, allowed, ends):
            self._record(step)
            steps.append(step)

    def _free_one(self, limit: int | None, allowed: Collection[str] | None) -> bool:
        """Find the first node that waits only for undecided `if` nodes, and mark it as a node that must run.

        Return False if there is no such node.
        """
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
        """Record the outputs of one run of a node."""
        if key[1] and key not in self.results:
            self._arrive(key)
        self.results[key] = outputs
        self._done(key)

    def fail(self, key: Key, error: Any) -> None:
        """Record the error of one run of a node."""
        if key not in self.errors:
            self.runs.fail(key)
            if key[1]:
                self._items.lose(key)
        self.errors[key] = error
        if key in self.pending:
            self.stuck.add(key[0])
        self._done(key)

    def skip(self, key: Key, reason: str) -> None:
        """Record that one run of a node was skipped."""
        self.skipped[key] = reason
        self._skips.setdefault(key[0], set()).add(key[1])

    def retry(self) -> set[str]:
        """Reset all failed and blocked nodes so that they can run again.

        Return their ids, and the ids of nodes that wait for them and have not been fully expanded.
        """
        again = set(self.stuck)
        behind = {id_ for id_ in self._graph.descendants(again) if id_ in self._waiting}
        self.runs.reset(self.errors)
        self.errors.clear()
        self.stuck.clear()
        self._reopen(again)
        return again | behind

    def forget(self, ids: Collection[str], keys: Collection[Key] | None = None) -> None:
        """Drop all results of nodes, or only those with `keys`, and mark the nodes as unexpanded so they run again."""
        again = set(ids)
        gone = [key for key in self.results if key[0] in again] if keys is None else keys
        gone = [key for key in gone if self.results.pop(key, None) is not None]
        self.runs.reset(gone)
        self._reopen(again.union(id_ for id_, _ in keys or ()))

    def is_done(self, ids: Iterable[str]) -> bool:
        """Return True if every given node has all its results or was skipped."""
        return all(id_ in self._closed and id_ not in self.stuck for id_ in ids)

    def is_closed(self, id_: str) -> bool:
        """Return True if a node has no runs left, whatever the outcome of its runs."""
        return id_ in self._closed

    def is_stuck(self, key: Key) -> bool:
        """Return True if a node failed or is blocked, and has no result in this iteration and cannot run in it."""
        return key[0] in self.stuck and key not in self.results and key not in self.pending

    def _reopen(self, again: set[str]) -> None:
        self._take_back(again)
        self.loops.forget(again)
        self._branches.forget(again)
        self._items.forget()
        self._count_again(again)

    def _take_back(self, again: set[str]) -> None:
        """Mark nodes as unexpanded; the next expansion determines their remaining runs again."""
        if not self._left.keys().isdisjoint(again):
            for key in [key for key in self.pending if key[0] in again]:
                del self.pending[key]
        for id_ in again:
            self._left.pop(id_, None)
        self._closed -= again

    def _open(self, id_: str) -> list[NodeStep]:
        """Expand one node whose parents are done."""
        steps = self._ready_nodes.open(id_)
        for step in steps:
            self._record(step)
        if id_ not in self._left:
            self._close(id_)
        return steps

    def _record(self, step: NodeStep) -> None:
        """Record the outcome of expanding one run of a node."""
        kind, id_, path, data = step
        key = (id_, path)
        if kind == "run":
            self.pending[key] = data
            self._left[id_] = self._left.get(id_, 0) + 1
        elif kind == "given":
            if path:
                self._arrive(key)
            self.results[key] = data
        elif kind == "skipped":
            self.skip(key, data)
        else:
            self.stuck.add(id_)

    def _arrive(self, key: Key) -> None:
        self.runs.end(key)
        self._items.arrive(key)

    def _done(self, key: Key) -> None:
        if self.pending.pop(key, None) is None:
            return
        id_ = key[0]
        self._left[id_] -= 1
        if not self._left[id_]:
            del self._left[id_]
            if id_ not in self._waiting:
                self._close(id_)

    def _close(self, id_: str) -> None:
        self._closed.add(id_)
        waiting, is_outside = self._waiting, not self.loops.axes(id_)
        for edge in self._graph.outgoing(id_):
            target = edge.target
            if target in waiting:
                waiting[target] -= 1
                if not waiting[target]:
                    heappush(self._frontier, (self._graph.rank(target), target))
                elif is_outside and self.loops.outer(target):
                    self._items.look_again(target)
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
        missing = len([edge for edge in self._graph.incoming(id_) if edge.source not in closed])
        undecided = self._branches.undecided(id_)
        if undecided:
            self._undecided.add(id_)
            missing += undecided
        else:
            self._undecided.discard(id_)
        self._waiting[id_] = missing
        if (
            missing
            and self.loops.outer(id_)
            and any(self.runs.has_begun(edge.source) for edge in self._graph.incoming(id_))
        ):
            self._items.look_again(id_)
        if not missing:
            heappush(self._frontier, (self._graph.rank(id_), id_))

    def _reconsider(self, changed: set[str]) -> None:
        """Reset nodes that a new node may need, and all nodes in their loops, so that they are expanded again."""
        loops = [id_ for id_ in changed if self._graph.node_type(id_).spec.role == "iterate"]
        inside = {id_ for id_ in self._graph.descendants(loops) if not set(loops).isdisjoint(self.loops.axes(id_))}
        again = {id_ for id_ in changed | inside if id_ in self._closed or id_ in self._left or id_ in self._waiting}
        self._take_back(again)
        self._items.forget()
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
