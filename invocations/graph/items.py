"""Expand nodes in loops item by item: a run is ready once the results that it uses exist.

Therefore each item of a loop is completed before the next one begins. A node is expanded as a whole once its parents
are done (`Expansion`), which determines the runs that are skipped, blocked or failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .branches import Branches
from .gather import Group, LinkedInput, group_of, keeps_holes, sources_of
from .graph import Graph
from .loops import Key, Loops, Path, Results, project
from .ready import NodeStep, ReadyNodes


class Items:
    """Finds the runs of unexpanded nodes that are ready because a result has arrived."""

    def __init__(
        self,
        graph: Graph,
        loops: Loops,
        branches: Branches,
        ready_nodes: ReadyNodes,
        *,
        results: Results,
        done: Sequence[Collection[Key]],
        waiting: Mapping[str, int],
    ) -> None:
        self._graph = graph
        self._loops = loops
        self._branches = branches
        self._ready_nodes = ready_nodes
        self._results = results
        self._done = done  # keys of runs that need not be expanded: runs that ended, were skipped or are pending
        self._waiting = waiting  # the nodes that are not expanded yet
        self._arrived: deque[Key] = deque()
        self._again: set[str] = set()
        self._refused: set[str] = set()  # nodes that the current run may not expand
        self._sources: dict[str, list[LinkedInput]] = {}
        self._needed: dict[str, Callable[[Path], bool] | None] = {}
        self._groups: dict[Key, Group] = {}  # the results that a `collect` node gathers in one iteration
        self._has_holes = False  # whether a list may lack items
        self._lost: set[Key] = set()  # runs that will have no result because a run that they need failed

    def arrive(self, key: Key) -> None:
        """Record that a result in a loop now exists."""
        self._arrived.append(key)

    def add(self, node_id: str) -> None:
        """Add a new node."""
        self._has_holes = self._has_holes or keeps_holes(self._graph, node_id)

    def lose(self, key: Key) -> None:
        """Record that a run in a loop will have no result."""
        if self._has_holes:
            self._lost.add(key)
            self._arrived.append(key)

    def look_again(self, node_id: str) -> None:
        """Record that runs of a node may have become ready although no result has arrived."""
        self._again.add(node_id)

    def begin(self) -> None:
        """Reconsider the nodes that an earlier run was not allowed to expand."""
        self._again |= self._refused
        self._refused.clear()

    def forget(self) -> None:
        """Drop everything derived from results and decisions that are no longer valid."""
        self._needed.clear()
        self._groups.clear()
        self._lost.clear()

    def steps(self, limit: int | None, allowed: Collection[str] | None, ends: Callable[[], bool]) -> Iterable[NodeStep]:
        """Yield a step for each ready run; its outputs, if any, must be recorded before the next step is requested.

        Once `ends` returns True, the other runs are left for the next call.
        """
        for id_ in sorted(self._again, key=self._graph.rank):
            self._again.discard(id_)
            if self._may_open(id_, limit, allowed):
                for path in self._loops.paths(self._loops.outer(id_)):
                    yield from self._open(id_, path)
        while self._arrived and not ends():
            id_, path = self._arrived.popleft()
            for target in dict.fromkeys(edge.target for edge in self._graph.outgoing(id_)):
                if (id_, path) in self._lost:
                    self._lose_users(id_, path, target)
                if self._may_open(target, limit, allowed):
                    for each in self._paths_after(id_, path, target):
                        yield from self._open(target, each)

    def _lose_users(self, source: str, path: Path, target: str) -> None:
        """Record the runs of a node that need a lost result.

        The items of an `iterate` node are not known, and an `if` node may need another branch; `Expansion` determines
        what becomes of these nodes once their parents are done.
        """
        role = self._graph.node_type(target).spec.role
        if role in ("iterate", "if") or keeps_holes(self._graph, target):
            return
        for each in self._paths_after(source, path, target):
            if (target, each) not in self._lost:
                self.lose((target, each))

    def _may_open(self, id_: str, limit: int | None, allowed: Collection[str] | None) -> bool:
        if id_ not in self._waiting or not self._loops.outer(id_) or self._branches.undecided(id_):
            return False
        if (limit is None or self._graph.rank(id_) < limit) and (allowed is None or id_ in allowed):
            return True
        self._refused.add(id_)
        return False

    def _paths_after(self, source: str, path: Path, target: str) -> Sequence[Path]:
        """Return the known iterations in which `target` may use the result that `source` has in iteration `path`."""
        own, axes = self._loops.axes(source), self._loops.outer(target)
        if own == axes:
            return (path,)
        picks = self._loops.picks(axes, own)
        if len(picks) == len(axes):
            return (project(path, picks),)
        return self._loops.within(axes, dict(zip(own, path, strict=True))) or ()

    def _open(self, id_: str, path: Path) -> Iterable[NodeStep]:
        """Return the steps of a node in one iteration, or no steps if it is not ready."""
        key = (id_, path)
        if any(key in done for done in self._done) or not self._is_needed(id_, path):
            return ()
        role = self._graph.node_type(id_).spec.role
        if role == "collect":
            return self._collect(id_, path)
        if role == "iterate" and self._loops.is_fresh(id_, path):
            return ()
        if id_ not in self._sources:
            self._sources[id_] = sources_of(self._graph, self._loops, id_, self._loops.outer(id_))
        steps = self._ready_nodes.open_at(id_, path, self._sources[id_])
        return [step for step in steps if step.kind in ("run", "given")]

    def _collect(self, id_: str, path: Path) -> Iterable[NodeStep]:
        """Return a step with the list that a `collect` node builds, or no step if results are missing."""
        group = self._groups.get((id_, path)) or group_of(self._graph, self._loops, id_, path)
        if group is None:
            return ()
        self._groups[id_, path] = group
        if not group.is_complete(self._results, self._lost):
            return ()
        found = group.gathered(self._results)
        output = next(iter(self._graph.node_type(id_).outputs))
        return [] if found is None else [NodeStep("given", id_, path, {output: found})]

    def _is_needed(self, id_: str, path: Path) -> bool:
        if not self._branches.guards(id_):
            return True
        if id_ not in self._needed:
            self._needed[id_] = self._branches.needed_at(id_, self._loops.outer(id_))
        needed = self._needed[id_]
        return needed is None or needed(path)
