"""Estimate how long a line will take, from how long nodes with the same command, model and size took before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from math import prod
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import first_argument, kind_of
from invocations.storing.latest import latest_runs

from .charts.amount import Amount
from .charts.duration import Estimate
from .planning.loops import axes_of

if TYPE_CHECKING:
    from invocations.graph.node import Node
    from invocations.spec import InvocationSpec
    from invocations.storing.past_runs import PastRun

    from .planning.plan import Additions, Plan
    from .workspace import Workspace

MOST: Final = 20  # how many of the latest runs are used
NOTHING: Final = (0, 0)
Kind = tuple[str, str, tuple[int, int]]  # command, model, width and height in pixels


class Pace:
    """The time per step, in seconds, in the latest runs of each kind of node."""

    def __init__(self, runs: Iterable[PastRun]) -> None:
        self._seconds: dict[Kind, list[float]] = {}
        for run in runs:
            found = self._seconds.setdefault((run.type, run.model, run.size), [])
            if len(found) < MOST:
                found.append(run.seconds / run.steps)

    def __bool__(self) -> bool:
        return bool(self._seconds)

    def seconds(self, kind: Kind) -> float | None:
        """Return the median time of one step in the latest runs, or None if there are none."""
        found = self._seconds.get(kind)
        return median(found) if found else None


class Unmeasured(Exception):
    """The duration of a line cannot be estimated, because a node that uses a model has never run."""


def time_of(workspace: Workspace, lines: Iterable[tuple[Plan, Additions]]) -> Estimate | None:
    """Return how long the lines will take, or None if that is not known; cached results take no time.

    Every node that uses a model must have run before. Other nodes that have not run before count as 0 seconds, but at
    least one node must have run.
    """
    pace = Pace(latest_runs(workspace.settings.folders.data))
    if not pace:
        return None
    found: dict[tuple[int, tuple[str, ...]], float] = {}  # seconds by line and by its loops of unknown length
    try:
        for number, (plan, added) in enumerate(lines):
            cached = {each.node for each in workspace.forecast(plan) if each.reused}
            for loops, seconds in _seconds(_Line(plan, added, workspace.catalog), pace, cached):
                key = (number if loops else 0, loops)
                found[key] = found.get(key, 0.0) + seconds
    except Unmeasured:
        return None
    known = found.pop((0, ()), None)
    return Estimate(known or 0.0, tuple(found.values())) if found or known is not None else None


def _seconds(line: _Line, pace: Pace, cached: Collection[str]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the estimated seconds of each node that is cached or has run before. Raises: Unmeasured.

    The seconds come with the loops of unknown length around the node, and are the time for one item of these loops.
    """
    for node in line.nodes.values():
        each = 0.0 if node.id in cached else pace.seconds(line.kind(node))
        times, unknown = line.loops(node)
        if each is None and line.catalog[node.type].model_bound:
            raise Unmeasured
        if each is not None:
            yield unknown if each else (), each * line.steps(node) * times


def images_of(plan: Plan, added: Additions, catalog: Mapping[str, InvocationSpec]) -> Amount:
    """Return how many images a line saves, including those that loops save."""
    line = _Line(plan, added, catalog)
    return sum((line.runs(each) for each in line.nodes.values() if "saves" in catalog[each.type].roles), Amount())


class _Line:
    """The models, sizes and steps of the nodes in a line."""

    def __init__(self, plan: Plan, added: Additions, catalog: Mapping[str, InvocationSpec]) -> None:
        self.catalog = catalog
        self.nodes = {node.id: node for node in (*plan.nodes, *added.nodes)}
        self.edges = (*plan.edges, *added.edges)
        self.values: dict[tuple[str, str], Any] = {(each.node, each.input): each.value for each in plan.values}
        self.known = plan.stages[0].stage_outputs.known() if plan.stages else None
        self.added = axes_of(added.nodes, added.edges, catalog, self.known)

    def kind(self, node: Node) -> Kind:
        return node.type, self.model(node), self.size(node)

    def model(self, node: Node) -> str:
        """Return the name of the model that a node loads or receives, or ""."""
        return next((name for end in (node.id, *self._sources(node.id)) if (name := self._loaded(end))), "")

    def _loaded(self, node: str) -> str:
        spec = self.catalog[self.nodes[node].type] if node in self.nodes else None
        if spec is None or "loads" not in spec.roles or kind_of(spec) != "model":
            return ""
        return str(self.values.get((node, first_argument(spec)), ""))

    def _sources(self, node: str) -> list[str]:
        return [edge.source for edge in self.edges if edge.target == node]

    def size(self, node: Node) -> tuple[int, int]:
        """Return the size of the image that a node makes, or (0, 0) if it makes none or the size is not known."""
        if self.known is None:
            return NOTHING
        ends = [node.id, *(self._sources(node.id) if node.id in self.added else ())]
        return next((size for end in ends if (size := self.known.size(end, ""))), NOTHING)

    def _axes(self, node: str, output: str) -> tuple[str, ...]:
        return self.known.axes(node, output) if self.known is not None else ()

    def runs(self, node: Node) -> Amount:
        """Return how often a node runs: once for each item of the loops around it."""
        times, unknown = self.loops(node)
        return Amount(0, (times,)) if unknown else Amount(times)

    def loops(self, node: Node) -> tuple[int, tuple[str, ...]]:
        """Return the product of the known lengths of the loops around a node, and the loops of unknown length."""
        axes = self.added[node.id] if node.id in self.added else self._axes(node.id, "")
        items = {axis: self.known.items(axis) if self.known is not None else None for axis in axes}
        times = prod(each for each in items.values() if each is not None)
        return times, tuple([axis for axis, each in items.items() if each is None])

    def steps(self, node: Node) -> int:
        steps = self.values.get((node.id, "steps"))
        return steps if isinstance(steps, int) and steps > 0 else 1
