"""The loops around the nodes of a line: which nodes run once for each item of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from invocations.graph.axes import BY, Axes, closed, left, name_of

from .draft import AXES

if TYPE_CHECKING:
    from invocations.graph.graph import Edge, Node
    from invocations.spec import InvocationSpec

__all__ = ["Axes", "EarlierLoops", "LineLoops", "axes_of"]


class EarlierLoops(Protocol):
    """The loops of earlier lines."""

    def axes(self, node: str, output: str) -> Axes:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""

    def axis(self, iterate: str) -> tuple[str, Axes]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""


class NoLoops:
    """Stands for earlier lines without loops."""

    def axes(self, node: str, output: str) -> Axes:
        return ()

    def axis(self, iterate: str) -> tuple[str, Axes]:
        return "", (iterate,)


class LineLoops:
    """The loops around each node of a line; `items` has the axes of the items of each `collect` node.

    nodes: the nodes of the line, in an order in which the sources of a node come before it
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        edges: Iterable[Edge],
        catalog: Mapping[str, InvocationSpec],
        earlier: EarlierLoops | None = None,
    ) -> None:
        self._catalog = catalog
        self._earlier = earlier or NoLoops()
        self._incoming: dict[str, list[Edge]] = {}
        for edge in edges:
            self._incoming.setdefault(edge.target, []).append(edge)
        self._nodes: dict[str, Node] = {}
        self._rank: dict[str, int] = {}
        self.axes: dict[str, Axes] = {}
        self.items: dict[str, Axes] = {}
        for node in nodes:
            self._add(node)

    def axis(self, iterate: str) -> tuple[str, Axes]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""
        if iterate in self._nodes:
            return name_of(self._nodes[iterate]), self.axes[iterate]
        return self._earlier.axis(iterate)

    def name(self, axis: str) -> str:
        """Return the name of an axis, or "" if it has none."""
        return self.axis(axis)[0]

    def closed(self, collect: str) -> Axes:
        """Return the axes that a `collect` node closes."""
        return closed(self.items[collect], self._nodes[collect].inputs.get(BY, ()), self.name)

    def item(self, node: str) -> str:
        """Describe the item of a loop for which a node runs, such as `sheet of the sweep`."""
        innermost = self.axes[node][-1]
        lists = [self._nodes[edge.source] for edge in self._incoming.get(innermost, ()) if edge.source in self._nodes]
        thing = "sheet" if any(AXES in each.inputs for each in lists) else "image"
        return f"{thing} of the {'sweep' if self.name(innermost) else 'loop'}"

    def _add(self, node: Node) -> None:
        self._rank[node.id], self._nodes[node.id] = len(self._rank), node
        spec, incoming = self._catalog[node.type], self._incoming.get(node.id, [])
        if spec.role == "collect":
            primary = spec.primary_input.name if spec.primary_input else ""
            lists = self._merged(edge for edge in incoming if edge.input != primary)
            self.items[node.id] = self._merged(edge for edge in incoming if edge.input == primary)
            around = left(self.items[node.id], lists, self.closed(node.id), lambda axis: self.axis(axis)[1])
            self.axes[node.id] = self._sorted(around)
        else:
            around = self._merged(incoming)
            self.axes[node.id] = (*around, node.id) if spec.role == "iterate" else around

    def _merged(self, edges: Iterable[Edge]) -> Axes:
        """Return the axes of several sources: those of earlier lines, then those of this line in the order of nodes."""
        sources = [(edge.source, edge.output) for edge in edges]
        many = [
            self.axes[source] if source in self.axes else self._earlier.axes(source, output)
            for source, output in sources
        ]
        return self._sorted(dict.fromkeys(axis for axes in many for axis in axes))

    def _sorted(self, axes: Iterable[str]) -> Axes:
        return tuple(sorted(axes, key=lambda axis: self._rank.get(axis, -1)))


def axes_of(
    nodes: Iterable[Node],
    edges: Iterable[Edge],
    catalog: Mapping[str, InvocationSpec],
    earlier: EarlierLoops | None = None,
) -> dict[str, Axes]:
    """Return the loops around each node of a line."""
    return LineLoops(nodes, edges, catalog, earlier).axes
