"""Count the images of a sweep that are cached, item by item, before the line runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import first_argument

from .planning.loops import LineLoops

if TYPE_CHECKING:
    from invocations.cache.base import ResultCache
    from invocations.graph.node import Edge, Node
    from invocations.spec import InvocationSpec

    from .planning.plan import Additions, Plan

MOST: Final = 10_000  # how many items are looked up
Path = tuple[int, ...]
Outputs = Mapping[str, Any]


def cached_images(
    plan: Plan, added: Additions, catalog: Mapping[str, InvocationSpec], cache: ResultCache
) -> int | None:
    """Return how many of the images that a line saves are cached; None if the line has no sweep or a very large one."""
    if not plan.axes or not 0 < plan.items <= MOST:
        return None
    line = _Line((*plan.nodes, *added.nodes), (*plan.edges, *added.edges), catalog, cache)
    saved = [edge for node in line.nodes for edge in line.incoming.get(node.id, ()) if _saves(node, edge, catalog)]
    return sum(1 for edge in saved for path in line.paths[edge.source] if line.value(edge, path) is not None)


def _saves(node: Node, edge: Edge, catalog: Mapping[str, InvocationSpec]) -> bool:
    spec = catalog[node.type]
    return "saves" in spec.roles and spec.primary_input is not None and edge.input == spec.primary_input.name


class _Line:
    """The results of a line that are known before it runs, because they are constants or cached."""

    def __init__(
        self, nodes: Sequence[Node], edges: Sequence[Edge], catalog: Mapping[str, InvocationSpec], cache: ResultCache
    ) -> None:
        self.nodes, self._catalog, self._cache = nodes, catalog, cache
        self.incoming: dict[str, list[Edge]] = {}
        for edge in edges:
            self.incoming.setdefault(edge.target, []).append(edge)
        self._axes = LineLoops(nodes, edges, catalog).axes
        self._counts: dict[str, int] = {}
        self._known: dict[tuple[str, Path], Outputs] = {}
        self.paths: dict[str, list[Path]] = {}
        for node in nodes:
            self._add(node)

    def value(self, edge: Edge, path: Path) -> Any:
        """Return what an edge carries in an iteration of the loops around its source, or None if it is not known."""
        return self._known.get((edge.source, path), {}).get(edge.output)

    def _add(self, node: Node) -> None:
        spec, axes = self._catalog[node.type], self._axes[node.id]
        if spec.role == "iterate":
            lists = [self.value(edge, ()) for edge in self.incoming.get(node.id, ())]
            self._counts[node.id] = len(lists[0]) if lists and isinstance(lists[0], (list, tuple)) else 0
        self.paths[node.id] = list(product(*(range(self._counts[axis]) for axis in axes)))
        for path in self.paths[node.id]:
            outputs = self._outputs(node, spec, path)
            if outputs is not None:
                self._known[node.id, path] = outputs

    def _outputs(self, node: Node, spec: InvocationSpec, path: Path) -> Outputs | None:
        """Return the results of a node in one iteration, or None if they are not known."""
        inputs = dict(node.inputs) | dict(self._linked(node, path))
        output = spec.primary_output
        if None in [inputs[edge.input] for edge in self.incoming.get(node.id, ())] or output is None:
            return None
        if spec.role == "iterate" and spec.primary_input is not None:
            return {output.name: inputs[spec.primary_input.name][path[-1]]}
        if "lists" in spec.roles:
            return {output.name: inputs[first_argument(spec)]}
        if "picks" in spec.roles and spec.primary_input is not None:
            return {output.name: inputs[spec.primary_input.name][inputs[first_argument(spec)]]}
        if spec.role != "node":
            return None
        key = self._cache.sign(spec, inputs)
        found = self._cache.peek(key) if key is not None else None
        return found.outputs if found is not None else None

    def _linked(self, node: Node, path: Path) -> Iterator[tuple[str, Any]]:
        own = self._axes[node.id]
        for edge in self.incoming.get(node.id, ()):
            around = self._axes.get(edge.source, ())
            yield edge.input, self.value(edge, tuple(path[own.index(axis)] for axis in around if axis in own))
