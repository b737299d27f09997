"""Iterate, collect and lazy `if` made concrete: which nodes are ready, at which iteration paths, with which inputs.

Inputs are matched by the axes they share: independent loops make the product, a diamond over one loop pairs its items.
A collect takes away the innermost axis of its items. Everything is worked out node by node when the parents are done,
at a cost linear in the results, without recursion. Knows nothing of running, storing or time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any, Literal, NamedTuple

from invocations.graph.branches import Branches
from invocations.graph.gather import Source, gather, gather_lists, sources_of
from invocations.graph.graph import Graph
from invocations.graph.loops import Key, Loops, Path

NOT_CHOSEN = "not chosen"
Outputs = Mapping[str, Any]


class Step(NamedTuple):
    """What became of a node at a path: it may run with inputs, or was given outputs, skipped, blocked or refused."""

    kind: Literal["run", "given", "skipped", "blocked", "failed"]
    node_id: str
    path: Path
    data: Any  # run: its inputs; given: its outputs; blocked: the node it waits for; failed: what was no list


class Expansion:
    """How far a graph is: what is done, what is ready, what is skipped, what waits for a node that failed."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.loops = Loops(graph)
        self._branches = Branches(graph, self.loops)
        self.results: dict[Key, Outputs] = {}
        self.errors: dict[Key, Any] = {}
        self.skipped: dict[Key, str] = {}
        self._skips: dict[str, set[Path]] = {}
        self.pending: dict[Key, Outputs] = {}  # ready to run, with inputs
        self._waiting: dict[str, int] = {}  # nodes not looked at yet: how many parents and decisions are missing
        self._frontier: list[tuple[int, str]] = []  # heap of nodes that wait for nothing more
        self._aside: list[tuple[int, str]] = []
        self._hesitating: set[str] = set()  # those of them that wait for decisions
        self._left: dict[str, int] = {}  # how many runs of a node are pending
        self._closed: set[str] = set()
        self._stuck: set[str] = set()  # nodes with something failed or blocked

    def add(self, ids: Sequence[str]) -> None:
        """Take in new nodes of the graph, parents first."""
        for id_ in ids:
            self.loops.add(id_)
        changed = self._branches.add(reversed(ids))
        if changed:
            self._want_again(changed)
        for id_ in ids:
            self._count(id_)
        for id_ in ids:
            if self._graph.shape(id_).condition:
                self._decide(id_)

    def begin(self) -> None:
        """Take back what an earlier run left aside."""
        for entry in self._aside:
            heappush(self._frontier, entry)
        self._aside.clear()

    def advance(
        self, limit: int | None = None, allowed: Collection[str] | None = None, *, idle: bool = False
    ) -> list[Step]:
        """Look at every node whose parents are done (with a rank below `limit`, among `allowed`).

        `idle` tells that nothing else is at work: a node that still waits for a decision then waits for itself, or for
        what is not to be run, and is taken to be wanted.
        """
        steps = self._look(limit, allowed)
        while idle and not any(step.kind == "run" for step in steps) and self._insist(limit, allowed):
            steps += self._look(limit, allowed)
        return steps

    def _look(self, limit: int | None, allowed: Collection[str] | None) -> list[Step]:
        steps: list[Step] = []
        while self._frontier and (limit is None or self._frontier[0][0] < limit):
            entry = heappop(self._frontier)
            id_ = entry[1]
            if self._waiting.get(id_) != 0:
                continue
            if allowed is not None and id_ not in allowed:
                self._aside.append(entry)
                continue
            del self._waiting[id_]
            self._hesitating.discard(id_)
            self._open(id_, steps)
        return steps

    def _insist(self, limit: int | None, allowed: Collection[str] | None) -> bool:
        """Take the first node that waits for nothing but decisions to be wanted; tell whether there was one."""
        ready = [
            (self._graph.rank(id_), id_)
            for id_ in self._hesitating
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
        """Keep the outputs of a node at a path."""
        self.results[key] = outputs
        self._done(key)

    def fail(self, key: Key, error: Any) -> None:
        """Keep the error of a node at a path."""
        self.errors[key] = error
        if key in self.pending:
            self._stuck.add(key[0])
        self._done(key)

    def skip(self, key: Key, reason: str) -> None:
        """Keep that a node was not chosen at a path."""
        self.skipped[key] = reason
        self._skips.setdefault(key[0], set()).add(key[1])

    def retry(self) -> set[str]:
        """Make ready again what failed and what waits for it; return these nodes."""
        again = set(self._stuck)
        self.errors.clear()
        self._stuck.clear()
        for id_ in again:
            self._left.pop(id_, None)
        self._closed -= again
        self.loops.forget(again)
        self._branches.forget(again)
        self._count_again(again)
        return again

    def paths(self, node_id: str) -> list[Path]:
        """Return the iteration paths of a node that are known by now."""
        axes = self.loops.axes(node_id)
        if axes and not self._closed.issuperset(axes):
            return sorted(path for id_, path in self.results if id_ == node_id)
        return self.loops.paths(axes)

    def sources(self, node_id: str, path: Path) -> list[Key]:
        """Return the results that a node's inputs come from at a path; all that a collect gathers."""
        axes = self.loops.axes(node_id)
        if self._graph.shape(node_id).many:
            return [
                (edge.source, other)
                for edge in self._graph.incoming(node_id)
                for other in self.loops.paths(self.loops.axes(edge.source))
                if self._agrees(axes, path, self.loops.axes(edge.source), other)
            ]
        return [source.key(path) for source in sources_of(self._graph, self.loops, node_id, axes)]

    def _agrees(self, axes: tuple[str, ...], path: Path, other_axes: tuple[str, ...], other: Path) -> bool:
        index = dict(zip(axes, path, strict=True))
        return all(index.get(axis, place) == place for axis, place in zip(other_axes, other, strict=True))

    def _open(self, id_: str, steps: list[Step]) -> None:
        role = self._graph.shape(id_).spec.role
        if role == "iterate":
            self._open_iterate(id_, steps)
        elif role == "collect":
            self._open_collect(id_, steps)
        else:
            self._open_each(id_, steps, self._choose if role == "if" else None)
        if id_ not in self._left:
            self._close(id_)

    def _open_each(
        self, id_: str, steps: list[Step], give: Callable[[str, Path, Sequence[Source]], Any] | None
    ) -> None:
        """Make a node ready where its inputs are there; `give` works out the outputs of an `if` at once."""
        axes = self.loops.axes(id_)
        written = self._graph.nodes[id_].inputs
        sources = sources_of(self._graph, self.loops, id_, axes)
        left = 0
        for path in self._paths_wanted(id_, axes, steps):
            key = (id_, path)
            if key in self.errors:
                self._stuck.add(id_)
                continue
            found = give(id_, path, sources) if give else gather(self.results, sources, path, written)
            if isinstance(found, str):
                self._block(id_, path, found, steps)
            elif give:
                self._give(key, found, steps)
            else:
                self.pending[key] = found
                steps.append(Step("run", id_, path, found))
                left += 1
        if left:
            self._left[id_] = left

    def _paths_wanted(self, id_: str, axes: tuple[str, ...], steps: list[Step]) -> Iterable[Path]:
        """Return the paths where a node has no result and is wanted; record where it was not chosen."""
        if not axes and not self._branches.guards(id_):
            return () if (id_, ()) in self.results else ((),)
        if axes and self.loops.holes(axes):
            self._stuck.add(id_)
        paths = [path for path in self.loops.paths(axes) if (id_, path) not in self.results]
        wanted = self._branches.wanted(id_, axes)
        if wanted is None:
            return paths
        deciding = self._branches.sources_of_decisions(id_) if self._stuck else ()
        unknown = next((each for each in deciding if each in self._stuck), None)
        for path in paths:
            if wanted(path) or (id_, path) in self.skipped:
                continue
            if unknown is not None:
                self._block(id_, path, unknown, steps)
            else:
                self.skip((id_, path), NOT_CHOSEN)
                steps.append(Step("skipped", id_, path, NOT_CHOSEN))
        return [path for path in paths if wanted(path)]

    def _open_iterate(self, id_: str, steps: list[Step]) -> None:
        outer = self.loops.outer(id_)
        shape = self._graph.shape(id_)
        name, output = next(iter(shape.inputs)), next(iter(shape.outputs))
        sources = sources_of(self._graph, self.loops, id_, outer)
        for path in self._paths_wanted(id_, outer, steps):
            if (id_, path) in self.errors:
                self._stuck.add(id_)
                continue
            found = gather(self.results, sources, path, self._graph.nodes[id_].inputs)
            if isinstance(found, str):
                self._block(id_, path, found, steps)
                continue
            items = found.get(name)
            if not isinstance(items, (list, tuple)):
                self.errors[id_, path] = items
                self._stuck.add(id_)
                steps.append(Step("failed", id_, path, items))
                continue
            self.loops.go_round(id_, path, len(items))
            for index, item in enumerate(items):
                self._give((id_, (*path, index)), {output: item}, steps)
        for path in self.loops.paths(outer):
            if (id_, path) in self.skipped:
                self.loops.go_round(id_, path, 1)  # empty-handed: an `if` that chose its other branch gives its value

    def _open_collect(self, id_: str, steps: list[Step]) -> None:
        axes = self.loops.axes(id_)
        lists = gather_lists(self._graph, self.loops, self.results, id_)
        output = next(iter(self._graph.shape(id_).outputs))
        for path in self._paths_wanted(id_, axes, steps):
            found = lists(path)
            if isinstance(found, str):
                self._block(id_, path, found, steps)
            else:
                self._give((id_, path), {output: found}, steps)

    def _choose(self, id_: str, path: Path, sources: Sequence[Source]) -> Outputs | str:
        """Return the outputs of an `if` at a path, or the node whose result is missing."""
        shape = self._graph.shape(id_)
        written = self._graph.nodes[id_].inputs
        condition = gather(self.results, [each for each in sources if each.input == shape.condition], path, written)
        if isinstance(condition, str):
            return condition
        name = shape.branches[0 if condition.get(shape.condition) else 1]
        chosen = gather(self.results, [each for each in sources if each.input == name], path, written)
        if isinstance(chosen, str):
            return chosen
        return {next(iter(shape.outputs)): chosen.get(name, shape.inputs[name].default)}

    def _give(self, key: Key, outputs: Outputs, steps: list[Step]) -> None:
        if key not in self.results:
            self.results[key] = outputs
            steps.append(Step("given", key[0], key[1], outputs))

    def _block(self, id_: str, path: Path, source: str, steps: list[Step]) -> None:
        self._stuck.add(id_)
        steps.append(Step("blocked", id_, path, source))

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
        """Count what a node waits for."""
        closed = self._closed
        missing = sum(edge.source not in closed for edge in self._graph.incoming(id_))
        undecided = self._branches.undecided(id_)
        if undecided:
            self._hesitating.add(id_)
            missing += undecided
        else:
            self._hesitating.discard(id_)
        self._waiting[id_] = missing
        if not missing:
            heappush(self._frontier, (self._graph.rank(id_), id_))

    def _want_again(self, changed: set[str]) -> None:
        """Look again at nodes that something new wants, and at what is in loops that were skipped with them."""
        loops = [id_ for id_ in changed if self._graph.shape(id_).spec.role == "iterate"]
        inside = {id_ for id_ in self._graph.descendants(loops) if not set(loops).isdisjoint(self.loops.axes(id_))}
        again = {id_ for id_ in changed | inside if id_ in self._closed or id_ in self._left or id_ in self._waiting}
        for id_ in again:
            self._closed.discard(id_)
            self._left.pop(id_, None)
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
