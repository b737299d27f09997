"""What is known about each iteration of a line's nodes before the line runs: their inputs, and cached results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import first_argument

from .planning.loops import axes_of

if TYPE_CHECKING:
    from invocations.cache.base import ResultCache
    from invocations.graph.node import Edge, Node
    from invocations.spec import InvocationSpec

    from .planning.plan import Additions, Plan

MOST: Final = 10_000  # how many results of a node are looked up in the cache
CONSTANT: Final = frozenset({"lists", "picks"})  # roles of nodes whose results are computed here
Path = tuple[int, ...]  # the position of the item in each loop around a node, the outermost loop first


class LineItems:
    """The iterations of the nodes of a line; a loop whose length is not known counts as one unknown item.

    find_cache: returns the cache, or None; it is called only if the cached results are asked for
    nodes: by id, sources first
    added: the ids of the nodes that are added to save images
    axes: the `iterate` nodes around each node, the outermost first
    batch: how many nodes run at once, as in the setting
    """

    def __init__(
        self,
        plan: Plan,
        added: Additions,
        catalog: Mapping[str, InvocationSpec],
        find_cache: Callable[[], ResultCache | None] | None = None,
        batch: str = "1",
    ) -> None:
        self.batch = batch
        self.catalog, self._find_cache, self._recompute = catalog, find_cache, plan.recompute
        self.known = plan.stages[0].stage_outputs.known() if plan.stages else None
        self.nodes = {node.id: node for node in (*plan.nodes, *added.nodes)}
        self.added = frozenset(node.id for node in added.nodes)
        self._incoming: dict[str, list[Edge]] = {}
        for edge in (*plan.edges, *added.edges):
            self._incoming.setdefault(edge.target, []).append(edge)
        self._lengths = {axis.iterate: axis.count for axis in plan.axes}
        self._planned = {(each.node, each.input): each.value for each in plan.values}
        self.axes = {node.id: self.known.axes(node.id, "") if self.known is not None else () for node in plan.nodes}
        self.axes |= axes_of(added.nodes, added.edges, catalog, self.known)
        self._counts = {axis: self._length(axis) for axis in {axis for axes in self.axes.values() for axis in axes}}
        self._results: dict[str, dict[Path, Mapping[str, Any]]] = {}

    def counts(self, axes: Sequence[str]) -> list[int]:
        """Return the lengths of loops; 1 if a length is not known."""
        return [1 if self._counts[axis] is None else self._counts[axis] or 0 for axis in axes]

    def count(self, axis: str) -> int | None:
        """Return the length of a loop, or None if it is not known."""
        return self._counts.get(axis)

    def unknown(self, node: str) -> tuple[str, ...]:
        """Return the loops around a node whose lengths are not known."""
        return tuple([axis for axis in self.axes[node] if self._counts[axis] is None])

    def cached(self, node: str) -> Collection[Path]:
        """Return the iterations in which the result of a node is taken from the cache."""
        if self._find_cache is not None:
            cache, self._find_cache = self._find_cache(), None
            if cache is not None:
                for each in self.nodes.values():
                    self._look_up(each, cache)
        return () if node in self._recompute else self._results.get(node, {}).keys()

    def value(self, edge: Edge, path: Path) -> Any:
        """Return the value that an edge carries in an iteration of its source, or None if the value is not known."""
        found = self._results.get(edge.source, {}).get(path)
        if found is not None:
            return found.get(edge.output)
        node = self.nodes.get(edge.source)
        spec = self.catalog[node.type] if node is not None else None
        if node is not None and spec is not None and spec.primary_input is not None:
            if spec.role == "iterate":
                return _item(self.inputs(node, path[:-1])[spec.primary_input.name], path[-1])
            if "picks" in spec.roles:
                inputs = self.inputs(node, path)
                return _item(inputs[spec.primary_input.name], inputs[first_argument(spec)])
        values = self.known.values(edge.source, edge.output) if self.known is not None and not path else None
        return values[0] if values is not None and len(values) == 1 else None

    def inputs(self, node: Node, path: Path) -> dict[str, Any]:
        """Return the inputs of a node in an iteration; None for those that are not known."""
        linked = {edge.input: self.value(edge, self.inside(edge.source, node.id, path)) for edge in self.edges(node.id)}
        return {**node.inputs, **linked}

    def planned(self, node: Node, name: str, path: Path) -> Any:
        """Return the value that an input will have, even if it is not written; None if the value is not known."""
        for edge in self.edges(node.id):
            if edge.input == name:
                return self.value(edge, self.inside(edge.source, node.id, path))
        return self._planned.get((node.id, name))

    def edges(self, node: str) -> Sequence[Edge]:
        """Return the edges that lead to a node."""
        return self._incoming.get(node, ())

    def inside(self, source: str, node: str, path: Path) -> Path:
        """Return the iteration of a source that an iteration of a node uses."""
        own = self.axes[node]
        return tuple([path[own.index(axis)] for axis in self.axes.get(source, ()) if axis in own])

    def paths(self, axes: Sequence[str]) -> Iterator[Path]:
        """Yield the iterations of the given loops; the innermost loop varies fastest."""
        return product(*map(range, self.counts(axes)))

    def _length(self, axis: str) -> int | None:
        found = self._lengths.get(axis)
        if found is None and self.known is not None:
            found = self.known.items(axis)
        if found is None and self.known is not None:  # an `iterate` that was added to save a list of images
            for edge in self.edges(axis):
                return self.known.count(edge.source, edge.output)
        return found

    def _look_up(self, node: Node, cache: ResultCache) -> None:
        spec, axes = self.catalog[node.type], self.axes[node.id]
        if spec.role != "node" or not CONSTANT.isdisjoint(spec.roles) or prod(self.counts(axes)) > MOST:
            return
        linked = [edge.input for edge in self.edges(node.id)]
        for path in self.paths(axes):
            inputs = self.inputs(node, path)
            if all(inputs[name] is not None for name in linked):
                key = cache.sign(spec, inputs)
                found = cache.peek(key) if key is not None else None
                if found is not None:
                    self._results.setdefault(node.id, {})[path] = found.outputs


def cached_images(plan: Plan, items: LineItems) -> int | None:
    """Return how many of the images that a line saves are cached; None if the line has no sweep or a very large one."""
    if not plan.axes or not 0 < plan.items <= MOST:
        return None
    saved = [edge for node in items.nodes.values() for edge in items.edges(node.id) if _saves(items, node, edge)]
    return sum(len(items.cached(edge.source)) for edge in saved)


def _saves(items: LineItems, node: Node, edge: Edge) -> bool:
    spec = items.catalog[node.type]
    return "saves" in spec.roles and spec.primary_input is not None and edge.input == spec.primary_input.name


def _item(items: Any, position: Any) -> Any:
    """Return an item of a list, or None if the list or the position is not known."""
    if not isinstance(items, (list, tuple, range)) or not isinstance(position, int):
        return None
    return items[position] if 0 <= position < len(items) else None
