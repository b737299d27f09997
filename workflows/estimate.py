"""Estimate how long a line will take, from how long nodes with the same command, model and size took before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from statistics import median
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument, kind_of
from invocations.frozen import frozen
from invocations.storing.latest import latest_runs
from invocations.storing.past_runs import steps_of

from .charts.amount import Amount
from .charts.duration import Estimate
from .item_sizes import ItemSizes
from .line_items import LineItems, Path

if TYPE_CHECKING:
    from invocations.graph.node import Node
    from invocations.spec import InvocationSpec
    from invocations.storing.past_runs import PastRun

    from .planning.foresight import FactSource
    from .planning.plan import Additions, Plan
    from .workspace import Workspace

MOST: Final = 20  # how many of the latest runs are used, and how many iterations are looked at
MOST_SIZES: Final = 10_000  # for how many items of a node the size is predicted
STEPS: Final = "steps"
STRENGTH: Final = "strength"
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

    def missing(self, kind: Kind) -> str:
        """Return why it is not known how long a kind of node takes."""
        type_, model, (width, height) = kind
        if model and all(model != other for _, other, _ in self._seconds):
            return f"the model `{model}` has not been used yet"
        size = f" at {width}x{height}" if width else ""
        return f"`{type_}` has not run{size} with the model `{model}` yet"


@frozen
class Unmeasured:
    """Why the duration of a line is not known, such as `the model mine has not been used yet`."""

    why: str
    seconds: None = None

    def __str__(self) -> str:
        return f"unknown, as {self.why}"


class _NotMeasured(Exception):
    """The duration of a node cannot be estimated."""


def time_of(
    workspace: Workspace, lines: Iterable[tuple[Plan, Additions]], items: Sequence[LineItems] = ()
) -> Estimate | Unmeasured | None:
    """Return how long the lines will take, or why that is not known; None if no node has ever run.

    Cached results take no time. Every node that uses a model must have run before. Other nodes that have not run before
    count as 0 seconds, but at least one node must have run.

    items: what is known about the items of each line, if that has been found out already
    """
    pace = Pace(latest_runs(workspace.settings.folders.data))
    if not pace:
        return None
    found: dict[tuple[int, tuple[str, ...]], float] = {}  # seconds by line and by its loops of unknown length
    try:
        for number, each in enumerate(items or (items_of(workspace, *line) for line in lines)):
            for loops, seconds in _seconds(_Costs(each, pace, workspace.check_value)):
                key = (number if loops else 0, loops)
                found[key] = found.get(key, 0.0) + seconds
    except _NotMeasured as unknown:
        return Unmeasured(str(unknown))
    known = found.pop((0, ()), None)
    return Estimate(known or 0.0, tuple(found.values())) if found or known is not None else None


def items_of(workspace: Workspace, plan: Plan, added: Additions) -> LineItems:
    """Return what is known about the items of a line, including which of their results are cached."""
    settings = workspace.settings
    return LineItems(
        plan, added, workspace.catalog, lambda: workspace.invoker.cache if settings.cache else None, settings.batch
    )


def kinds_of(workspace: Workspace, items: LineItems) -> Iterator[Kind]:
    """Yield the command, the model and the image size of each node that uses a model, in some of its iterations.

    A node that uses two models, one of them as a refiner, is yielded with each.
    """
    costs = _Costs(items, Pace(()), workspace.check_value)
    for node in items.nodes.values():
        if items.catalog[node.type].model_bound:
            for path in islice(items.paths(items.axes[node.id]), MOST):
                command, _, size = costs.kind(node, path)
                yield from [(command, model, size) for model in costs.models(node, path)]


def _seconds(costs: _Costs) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the estimated seconds of each node that is cached or has run before. Raises: _NotMeasured.

    Each time comes with the loops of unknown length around the node, and covers one item of these loops.
    """
    for node in costs.items.nodes.values():
        each = costs.seconds(node)
        if each is not None:
            yield costs.items.unknown(node.id) if each else (), each


def images_of(plan: Plan, added: Additions, catalog: Mapping[str, InvocationSpec]) -> Amount:
    """Return how many images a line saves, including those that loops save."""
    return images_in(LineItems(plan, added, catalog))


def images_in(items: LineItems) -> Amount:
    """Return how many images a line saves, including those that loops save."""
    saves = (each for each in items.nodes.values() if "saves" in items.catalog[each.type].roles)
    return sum((runs(items, each) for each in saves), Amount())


def runs(items: LineItems, node: Node) -> Amount:
    """Return how often a node runs: once for each item of the loops around it."""
    times = prod(items.counts(items.axes[node.id]))
    return Amount(0, (times,)) if items.unknown(node.id) else Amount(times)


class _Costs:
    """The time that the nodes of a line take, estimated from the model, size and steps of each iteration."""

    def __init__(self, items: LineItems, pace: Pace, facts: FactSource) -> None:
        self.items, self.pace, self.sizes = items, pace, ItemSizes(items, facts)
        self._names: dict[str, str] = {}

    def seconds(self, node: Node) -> float | None:
        """Return the seconds of all iterations of a node, or None if that is not known. Raises: _NotMeasured."""
        if self.items.catalog[node.type].role != "node":
            return None
        axes, varying = self.items.axes[node.id], self._varying(node)
        places = [axes.index(axis) for axis in varying]
        times = prod(self.items.counts([axis for axis in axes if axis not in varying]))
        cached = Counter(tuple([path[place] for place in places]) for path in self.items.cached(node.id))
        total = 0.0 if cached else None
        for path in self.items.paths(varying):
            if times > cached[path]:
                each = self._each(node, self._full(node, varying, path))
                total = (total or 0.0) + each * (times - cached[path]) if each is not None else total
        return total

    def _each(self, node: Node, path: Path) -> float | None:
        """Return the seconds of one iteration."""
        type_, model, size = self.kind(node, path)
        kind = type_, self._name(model), size
        found = self.pace.seconds(kind)
        if found is None and self.items.catalog[node.type].model_bound:
            raise _NotMeasured(self.pace.missing(kind))
        return found * self._steps(node, path) if found is not None else None

    def _name(self, model: str) -> str:
        """Return the name under which runs of a model are recorded, even if a line names it by its path."""
        if model not in self._names:
            settings = self.sizes.facts.settings(model) if model else None
            self._names[model] = settings.name if settings is not None and settings.name else model
        return self._names[model]

    def kind(self, node: Node, path: Path) -> Kind:
        """Return the command, the model and the image size of one iteration."""
        return node.type, self.model(node, path), self._size(node, path)

    def _steps(self, node: Node, path: Path) -> int:
        return steps_of({name: self.items.planned(node, name, path) for name in (STEPS, STRENGTH)})

    def _full(self, node: Node, varying: Sequence[str], path: Path) -> Path:
        """Return an iteration from its positions in the varying loops; all other loops are at their first item."""
        places = dict(zip(varying, path, strict=True))
        return tuple([places.get(axis, 0) for axis in self.items.axes[node.id]])

    def _varying(self, node: Node) -> tuple[str, ...]:
        """Return the loops in whose iterations the model, the size or the steps of a node differ."""
        axes = self.items.axes[node.id]
        if axes and self.items.catalog[node.type].output_size and self._whole_size(node) is None:
            if prod(self.items.counts(axes)) > MOST_SIZES:
                raise _NotMeasured(f"`{node.type}` has more than {MOST_SIZES} items, whose sizes may differ")
            return axes
        found = {
            axis
            for edge in self.items.edges(node.id)
            if edge.input in (STEPS, STRENGTH) or self._loads(edge.source) or self._loads(node.id)
            for axis in self.items.axes.get(edge.source, ())
        }
        return tuple([axis for axis in axes if axis in found])

    def model(self, node: Node, path: Path) -> str:
        """Return the name of the model that a node loads or receives in one iteration, or ""."""
        return next(self.models(node, path), "")

    def models(self, node: Node, path: Path) -> Iterator[str]:
        """Yield the names of the models that a node loads or receives in one iteration, the main one first."""
        bound = self.items.catalog[node.type].model_bound
        edges = sorted(self.items.edges(node.id), key=lambda edge: edge.input != bound)
        for id_ in (node.id, *[self._changed(edge.source) for edge in edges]):
            if self._loads(id_):
                loader = self.items.nodes[id_]
                name = first_argument(self.items.catalog[loader.type])
                yield str(self.items.planned(loader, name, self.items.inside(id_, node.id, path)) or "")

    def _changed(self, node: str) -> str:
        """Return the node that loads the model which this node changes; a node that changes no model is returned."""
        spec = self.items.catalog[self.items.nodes[node].type] if node in self.items.nodes else None
        if spec is None or "adapts" not in spec.roles or spec.primary_input is None:
            return node
        name = spec.primary_input.name
        source = next((edge.source for edge in self.items.edges(node) if edge.input == name), node)
        return source if source == node else self._changed(source)

    def _loads(self, node: str) -> bool:
        spec = self.items.catalog[self.items.nodes[node].type] if node in self.items.nodes else None
        return spec is not None and "loads" in spec.roles and kind_of(spec) == "model"

    def _whole_size(self, node: Node) -> tuple[int, int] | None:
        """Return the size of the images or latents of a node, or None if unknown or different between iterations."""
        ends = [node.id, *(edge.source for edge in self.items.edges(node.id) if node.id in self.items.added)]
        known = self.items.known
        return next((size for end in ends if known is not None and (size := known.size(end, ""))), None)

    def _size(self, node: Node, path: Path) -> tuple[int, int]:
        """Return the size of the image that a node makes, or (0, 0) if it makes none or the size is not known."""
        return self._whole_size(node) or self.sizes.size(node, path) or NOTHING
