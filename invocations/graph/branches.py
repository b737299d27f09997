"""Lazy evaluation of `if`: find the nodes that only one branch needs, and in which iterations that branch is chosen.

A node is *guarded* if only branches of an `if`, or other guarded nodes, use it. The guards of a node are (`if` node,
branch) pairs; the node is needed in every iteration in which one of these branches is chosen. An `if` node is decided
once its condition is known and the `if` nodes that guard it are decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from invocations.frozen import frozen

from .axes import Axes
from .graph import Graph
from .loops import Loops, Path, Results, project

Guard = tuple[str, str]  # the id of an `if` node, and the name of one of its branch inputs
Guards = frozenset[Guard]


@frozen
class Chosen:
    """The iterations in which a branch is chosen; each path has one index per axis (an enclosing `iterate` node)."""

    axes: Axes
    paths: frozenset[Path]


class Branches:
    """Knows the guards of a graph's nodes and the decisions of its `if` nodes."""

    def __init__(self, graph: Graph, loops: Loops) -> None:
        self._graph = graph
        self._loops = loops
        self.any = False  # whether the graph contains an `if` node
        self._guards: dict[str, Guards] = {}
        self._watching: dict[str, set[str]] = {}  # for each `if`, the nodes that it guards
        self._chosen: dict[Guard, list[Chosen]] = {}  # iterations in which a branch of a decided `if` node is chosen
        self._conditions: dict[str, list[str]] = {}  # for each node, the `if` nodes whose condition it computes

    def guards(self, node_id: str) -> Guards:
        """Return the guards of a node; a node without guards always runs."""
        return self._guards.get(node_id, frozenset())

    def undecided(self, node_id: str) -> int:
        """Return how many `if` nodes must be decided before it is known in which iterations a node is needed."""
        return sum(guard not in self._chosen for guard in self._guards.get(node_id, ()))

    def add(self, ids: Iterable[str]) -> set[str]:
        """Compute the guards of new nodes, listed children first; return the older nodes whose guards have changed."""
        ids = list(ids)
        for id_ in ids:
            node_type = self._graph.node_type(id_)
            if node_type.condition:
                self.any = True
                for edge in self._graph.incoming(id_):
                    if edge.input == node_type.condition:
                        self._conditions.setdefault(edge.source, []).append(id_)
        if not self.any:
            return set()
        fresh = set(ids)
        for id_ in ids:
            self._set(id_, self._guards_of(id_))
        waiting = [edge.source for id_ in ids for edge in self._graph.incoming(id_) if edge.source not in fresh]
        changed: set[str] = set()
        while waiting:
            id_ = waiting.pop()
            if id_ not in self._guards:
                continue
            guards = self._guards_of(id_)
            if guards != self._guards[id_]:
                self._set(id_, guards)
                changed.add(id_)
                waiting.extend(edge.source for edge in self._graph.incoming(id_))
        return changed

    def decide(self, node_id: str, closed: Collection[str], results: Results) -> list[str]:
        """Decide every `if` node that can be decided once the given node (possibly itself an `if` node) is done.

        Return all nodes that were waiting for these decisions.
        """
        waiting = list(self._conditions.get(node_id, ()))
        if self._graph.node_type(node_id).condition:
            waiting.append(node_id)
        woken: dict[str, None] = {}
        for each in waiting:
            if (each, self._graph.node_type(each).branches[0]) in self._chosen or self.undecided(each):
                continue
            if not self._decided(each, closed, results):
                continue
            for watcher in self._watching.get(each, ()):
                woken[watcher] = None
                if self._graph.node_type(watcher).condition:
                    waiting.append(watcher)
        return list(woken)

    def needed_at(self, node_id: str, axes: Axes) -> Callable[[Path], bool] | None:
        """Return a function that tests if a node is needed in an iteration, or None if it is always needed."""
        guards = self._guards.get(node_id)
        if guards is None:
            return None
        tests = []
        for guard in guards:
            for chosen in self._chosen.get(guard, ()):
                there = self._loops.picks(axes, chosen.axes)
                shared = tuple(axis for axis in axes if axis in chosen.axes)
                here = self._loops.picks(shared, axes)
                tests.append((here, frozenset(project(path, there) for path in chosen.paths)))
        return lambda path: any(project(path, here) in paths for here, paths in tests)

    def free(self, node_id: str) -> None:
        """Let a node run regardless of its guards."""
        self._set(node_id, None)

    def forget(self, ids: Iterable[str]) -> None:
        """Revoke the decisions that depend on nodes that will run again."""
        waiting = [each for id_ in ids for each in self._conditions.get(id_, ())]
        seen = set(waiting)
        for each in waiting:
            for branch in self._graph.node_type(each).branches:
                self._chosen.pop((each, branch), None)
            for watcher in self._watching.get(each, ()):
                if self._graph.node_type(watcher).condition and watcher not in seen:
                    seen.add(watcher)
                    waiting.append(watcher)

    def sources_of_decisions(self, node_id: str) -> list[str]:
        """Return all nodes whose results determine whether the given node is needed."""
        found: list[str] = []
        seen: set[str] = set()
        waiting = [each for each, _ in self._guards.get(node_id, ())]
        for each in waiting:
            if each in seen:
                continue
            seen.add(each)
            condition = self._graph.node_type(each).condition
            found.extend(edge.source for edge in self._graph.incoming(each) if edge.input == condition)
            waiting.extend(other for other, _ in self._guards.get(each, ()))
        return found

    def _guards_of(self, node_id: str) -> Guards | None:
        guards: set[Guard] = set()
        outgoing = self._graph.outgoing(node_id)
        for edge in outgoing:
            if edge.input in self._graph.node_type(edge.target).branches:
                guards.add((edge.target, edge.input))
            else:
                above = self._guards.get(edge.target)
                if above is None:
                    return None
                guards |= above
        return self._reduced(guards) if outgoing else None

    def _reduced(self, guards: set[Guard]) -> Guards | None:
        """Remove redundant guards: branches of an `if` node that always runs, and both branches of the same node."""
        waiting = list(guards)
        for guard in waiting:
            each, _ = guard
            branches = {(each, branch) for branch in self._graph.node_type(each).branches}
            if guard in guards and branches <= guards:
                above = self._guards.get(each)
                if above is None:
                    return None
                guards -= branches
                waiting.extend(above - guards)
                guards |= above
        for guard in list(guards):
            above = self._guards.get(guard[0])
            if above is not None and above <= guards - {guard}:
                guards.discard(guard)
        return frozenset(guards)

    def _set(self, node_id: str, guards: Guards | None) -> None:
        for each, _ in self._guards.pop(node_id, ()):
            self._watching[each].discard(node_id)
        if guards is not None:
            self._guards[node_id] = guards
            for each, _ in guards:
                self._watching.setdefault(each, set()).add(node_id)

    def _decided(self, each: str, closed: Collection[str], results: Results) -> bool:
        """Compute in which iterations each branch of an `if` is chosen; return False while the condition is unknown."""
        node_type = self._graph.node_type(each)
        edge = next((edge for edge in self._graph.incoming(each) if edge.input == node_type.condition), None)
        if edge is not None and edge.source not in closed:
            return False
        axes = self._loops.axes(edge.source) if edge is not None else ()
        yes: set[Path] = set()
        no: set[Path] = set()
        for path in self._loops.paths(axes):
            value: Any = self._written(each, node_type.condition)
            if edge is not None:
                found = results.get((edge.source, path))
                if found is None:
                    continue
                value = found[edge.output]
            (yes if value else no).add(path)
        for branch, paths in zip(node_type.branches, (yes, no), strict=True):
            self._chosen[each, branch] = self._within(Chosen(axes, frozenset(paths)), self._guards.get(each))
        return True

    def _written(self, each: str, condition: str) -> Any:
        field = self._graph.node_type(each).inputs[condition]
        return self._graph.nodes[each].inputs.get(condition, field.default)

    def _within(self, chosen: Chosen, guards: Guards | None) -> list[Chosen]:
        """Keep only the iterations in which the branch is chosen and the `if` node itself is needed."""
        if guards is None:
            return [chosen]
        return [self._joined(chosen, outer) for guard in guards for outer in self._chosen.get(guard, ())]

    def _joined(self, first: Chosen, second: Chosen) -> Chosen:
        """Combine each path of one set with every path of the other that has the same indices along the shared axes."""
        axes = self._graph.merge_axes((first.axes, second.axes))
        shared = tuple(axis for axis in first.axes if axis in second.axes)
        in_first, in_second = self._loops.picks(shared, first.axes), self._loops.picks(shared, second.axes)
        partners: dict[Path, list[Path]] = {}
        for path in second.paths:
            partners.setdefault(project(path, in_second), []).append(path)
        paths: set[Path] = set()
        for path in first.paths:
            for other in partners.get(project(path, in_first), ()):
                index = {**dict(zip(first.axes, path, strict=True)), **dict(zip(second.axes, other, strict=True))}
                paths.add(tuple(index[axis] for axis in axes))
        return Chosen(axes, frozenset(paths))
