"""Expand one node whose parents are done: find the iterations in which it can run.

`iterate`, `collect` and `if` nodes are computed here, since they have outputs without running.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .axes import Axes
from .branches import Branches
from .gather import LinkedInput, gather, gather_lists, sources_of
from .graph import Graph
from .loops import Key, Loops, Path, Results

NOT_CHOSEN = "not chosen"
MANY = 1000  # steps after which the expansion of a cancelled run ends
Outputs = Mapping[str, Any]


class NodeStep(NamedTuple):
    """The outcome of expanding a node in one iteration: `kind` says whether the node can run."""

    kind: Literal["run", "given", "skipped", "blocked", "failed"]
    node_id: str
    path: Path
    data: Any  # inputs (run), outputs (given), the missing node (blocked) or a value that is not a list (failed)


def is_enough(steps: Sequence[NodeStep], is_cancelled: Callable[[], bool]) -> bool:
    """Return True if the run is cancelled and has many steps, so that the others are left for the next run."""
    return len(steps) >= MANY and is_cancelled()


class ReadyNodes:
    """Expands nodes based on the results so far, and sets the number of items of each loop."""

    def __init__(
        self,
        graph: Graph,
        loops: Loops,
        branches: Branches,
        *,
        results: Results,
        errors: Collection[Key],
        skipped: Collection[Key],
        pending: Collection[Key],
        stuck: set[str],
    ) -> None:
        self._graph = graph
        self._loops = loops
        self._branches = branches
        self._results = results
        self._errors = errors
        self._skipped = skipped
        self._pending = pending
        self._stuck = stuck

    def open(self, id_: str) -> list[NodeStep]:
        """Expand a node in each iteration for which it has no result yet."""
        role = self._graph.node_type(id_).spec.role
        if role == "iterate":
            return self._open_iterate(id_)
        if role == "collect":
            return self._open_collect(id_)
        axes = self._loops.axes(id_)
        sources = sources_of(self._graph, self._loops, id_, axes)
        open_one = self._choose if role == "if" else self._run
        steps: list[NodeStep] = []
        for path in self._paths_needed(id_, axes, steps):
            steps.append(open_one(id_, path, sources))
        return steps

    def open_at(self, id_: str, path: Path, sources: Sequence[LinkedInput]) -> list[NodeStep]:
        """Expand a node in one iteration; `collect` nodes are not expanded here."""
        role = self._graph.node_type(id_).spec.role
        if role == "iterate":
            return self._iterate(id_, path, sources)
        return [self._choose(id_, path, sources) if role == "if" else self._run(id_, path, sources)]

    def _run(self, id_: str, path: Path, sources: Sequence[LinkedInput]) -> NodeStep:
        found = gather(self._results, sources, path, self._graph.nodes[id_].inputs)
        return NodeStep("blocked" if isinstance(found, str) else "run", id_, path, found)

    def _paths_needed(self, id_: str, axes: Axes, steps: list[NodeStep]) -> Sequence[Path]:
        """Return the iterations in which a node still has to run; append a step to `steps` for each skipped one."""
        if not axes and not self._branches.guards(id_):
            return self._untried(id_, ((),))
        if axes and self._loops.holes(axes):
            self._stuck.add(id_)
        paths = self._untried(id_, self._loops.paths(axes))
        needed = self._branches.needed_at(id_, axes)
        if needed is None:
            return paths
        deciding = self._branches.sources_of_decisions(id_) if self._stuck else ()
        unknown = next((each for each in deciding if each in self._stuck), None)
        for path in paths:
            if not needed(path) and (id_, path) not in self._skipped:
                known = unknown is None
                steps.append(NodeStep("skipped" if known else "blocked", id_, path, NOT_CHOSEN if known else unknown))
        return [path for path in paths if needed(path)]

    def _untried(self, id_: str, paths: Sequence[Path]) -> Sequence[Path]:
        if self._errors and any((id_, path) in self._errors for path in paths):
            self._stuck.add(id_)
        done, errors, pending = self._results, self._errors, self._pending
        return [path for path in paths if (key := (id_, path)) not in done and key not in errors and key not in pending]

    def _open_iterate(self, id_: str) -> list[NodeStep]:
        outer = self._loops.outer(id_)
        sources = sources_of(self._graph, self._loops, id_, outer)
        steps: list[NodeStep] = []
        for path in self._paths_needed(id_, outer, steps):
            steps += self._iterate(id_, path, sources)
        # A skipped `iterate` node counts as having one item; otherwise the `if` node that skipped it would have no
        # iteration to run in.
        unchosen = [step.path for step in steps if step.kind == "skipped"]
        unchosen += [path for path in self._loops.paths(outer) if (id_, path) in self._skipped]
        for path in unchosen:
            self._loops.set_rounds(id_, path, 1)
        return steps

    def _iterate(self, id_: str, path: Path, sources: Sequence[LinkedInput]) -> list[NodeStep]:
        """Return the items of an `iterate` node that have no result yet, in one iteration of the loops around it."""
        found = gather(self._results, sources, path, self._graph.nodes[id_].inputs)
        if isinstance(found, str):
            return [NodeStep("blocked", id_, path, found)]
        node_type = self._graph.node_type(id_)
        name, output = next(iter(node_type.inputs)), next(iter(node_type.outputs))
        if not isinstance(items := found.get(name), (list, tuple)):
            return [NodeStep("failed", id_, path, items)]
        self._loops.set_rounds(id_, path, len(items))
        fresh = [index for index in range(len(items)) if (id_, (*path, index)) not in self._results]
        return [NodeStep("given", id_, (*path, index), {output: items[index]}) for index in fresh]

    def _open_collect(self, id_: str) -> list[NodeStep]:
        axes = self._loops.axes(id_)
        lists = gather_lists(self._graph, self._loops, self._results, id_)
        output = next(iter(self._graph.node_type(id_).outputs))
        steps: list[NodeStep] = []
        for path in self._paths_needed(id_, axes, steps):
            found = lists(path)
            if isinstance(found, str):
                steps.append(NodeStep("blocked", id_, path, found))
            else:
                steps.append(NodeStep("given", id_, path, {output: found}))
        return steps

    def _choose(self, id_: str, path: Path, sources: Sequence[LinkedInput]) -> NodeStep:
        """Return the outputs of an `if` node in one iteration, or a blocked step if a result is missing."""
        node_type = self._graph.node_type(id_)
        written = self._graph.nodes[id_].inputs
        condition = gather(
            self._results, [each for each in sources if each.input == node_type.condition], path, written
        )
        if isinstance(condition, str):
            return NodeStep("blocked", id_, path, condition)
        name = node_type.branches[0 if condition.get(node_type.condition) else 1]
        chosen = gather(self._results, [each for each in sources if each.input == name], path, written)
        if isinstance(chosen, str):
            return NodeStep("blocked", id_, path, chosen)
        output = next(iter(node_type.outputs))
        return NodeStep("given", id_, path, {output: chosen.get(name, node_type.inputs[name].default)})
