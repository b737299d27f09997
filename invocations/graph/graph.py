"""A graph of nodes and edges, validated against metadata whenever something is added.

Nodes are never changed or removed, and an addition is applied completely or not at all. Checks run in a fixed order:
unique ids, existing nodes, existing fields, no cycles, types, and the rules for `iterate`, `collect` and `if`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from invocations import errors
from invocations.spec import FieldType

from .axes import Axes, NodeAxes
from .checks import check_ends, check_fed, check_linked, check_nodes, check_required, check_written, cycle
from .node import Edge, Node
from .node_type import NodeType, NodeTypes, Specs
from .order import CycleFound, Order, topological
from .output_types import OutputTypes, Types

__all__ = ["Edge", "Graph", "Node", "Specs"]


class Graph:
    """Nodes by id and the edges between them; always acyclic and correctly typed."""

    def __init__(self, specs: Specs) -> None:
        self._node_types = NodeTypes(specs)
        self._nodes: dict[str, Node] = {}
        self._edges: list[Edge] = []
        self._incoming: dict[str, list[Edge]] = {}
        self._outgoing: dict[str, list[Edge]] = {}
        self._type_of_node: dict[str, NodeType] = {}
        self._order = Order()
        self._types = OutputTypes(self._node_types)
        self._axes = NodeAxes(self._nodes, self._order.rank)

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by id, in the order in which they were added."""
        return MappingProxyType(self._nodes)

    @property
    def edges(self) -> Sequence[Edge]:
        """The edges, in the order in which they were added."""
        return tuple(self._edges)

    @property
    def node_types(self) -> NodeTypes:
        """The metadata of all node types."""
        return self._node_types

    @property
    def axes(self) -> Mapping[str, Axes]:
        """The axes of each node inside a loop: the ids of the `iterate` nodes around it, outermost first."""
        return MappingProxyType(self._axes.known)

    @property
    def next_rank(self) -> int:
        """The rank that the next node will have, which is higher than all existing ranks."""
        return self._order.next

    def incoming(self, node_id: str) -> Sequence[Edge]:
        """Return the edges that end at a node."""
        return self._incoming.get(node_id, ())

    def outgoing(self, node_id: str) -> Sequence[Edge]:
        """Return the edges that start at a node."""
        return self._outgoing.get(node_id, ())

    def rank(self, node_id: str) -> int:
        """Return a node's rank, a number that is lower than the rank of each node it feeds."""
        return self._order.rank[node_id]

    def order(self) -> list[str]:
        """Return the ids of all nodes, parents before children."""
        return self._order.sorted(self._nodes)

    def node_type(self, node_id: str) -> NodeType:
        """Return the metadata of a node's type."""
        return self._type_of_node[node_id]

    def merge_axes(self, many: Iterable[Axes]) -> Axes:
        """Return the union of several axes, outermost first."""
        return self._axes.merge(many)

    def type_of(self, node_id: str, output: str) -> FieldType:
        """Return the type of a node's output, with type variables replaced by the types of the linked inputs."""
        return self._types.of(self._nodes[node_id], output)

    def add_node(self, node: Node) -> None:
        """Add a node. Raises: GraphError."""
        self.extend((node,), ())

    def add_edge(self, edge: Edge) -> None:
        """Add an edge between existing nodes. Raises: GraphError."""
        self.extend((), (edge,))

    def extend(self, nodes: Iterable[Node], edges: Iterable[Edge] = (), *, complete: bool = False) -> None:
        """Add all the nodes and edges, or none of them if one is refused; the cost does not grow with the graph.

        With `complete`, each new node must have all its required inputs. Raises: GraphError.
        """
        edges = tuple(edges)
        fresh, order = self._checked(nodes, edges)
        into_old = [edge for edge in edges if edge.target not in fresh]
        edges_before = len(self._edges)
        changed: dict[str, Types] = {}
        self._nodes.update(fresh)
        self._type_of_node.update({id_: self._node_types[node.type] for id_, node in fresh.items()})
        self._order.append(order)
        try:
            self._insert([edge for edge in edges if edge.target in fresh])
            for edge in into_old:
                self._make_room(edge)
                self._insert((edge,))
            for id_ in order:
                self._check_types(id_)
            self._resolve_again((edge.target for edge in into_old), changed)
            self._add_axes(self.order() if into_old else order)
            if complete:
                self.check_complete(fresh)
        except errors.GraphError:
            self._undo(fresh, edges_before)
            self._types.restore(changed, fresh)
            self._axes.drop(fresh)
            if into_old:
                self._add_axes(self.order())
            raise

    def undo(self, nodes: Collection[Node], edges: Collection[Edge]) -> None:
        """Remove the nodes and edges of the latest extension, in which no edge ended at an older node."""
        fresh = {node.id: node for node in nodes}
        self._undo(fresh, len(self._edges) - len(edges))
        self._types.restore({}, fresh)
        self._axes.drop(fresh)

    def check_complete(self, ids: Iterable[str]) -> None:
        """Refuse nodes whose required inputs are neither written nor linked. Raises: MissingInput."""
        for id_ in ids:
            check_required(self._nodes[id_], self._type_of_node[id_], self.incoming(id_))

    def check_loops(self) -> None:
        """Refuse an `iterate` node without a list and a `collect` node without items. Raises: MissingInput."""
        for id_, node in self._nodes.items():
            node_type = self._type_of_node[id_]
            if node_type.spec.role in ("iterate", "collect"):
                check_fed(node, node_type, self.incoming(id_))

    def ancestors(self, ids: Iterable[str]) -> dict[str, int]:
        """Return `ids` and all nodes they depend on, nearest first, each with its distance in edges."""
        found = dict.fromkeys(ids, 0)
        waiting = list(found)
        for id_ in waiting:
            for edge in self.incoming(id_):
                if edge.source not in found:
                    found[edge.source] = found[id_] + 1
                    waiting.append(edge.source)
        return found

    def descendants(self, ids: Iterable[str], *, beyond: Callable[[str], bool] = lambda id_: True) -> set[str]:
        """Return `ids` and all nodes that depend on them; leave out nodes for which `beyond` returns False."""
        waiting = list(dict.fromkeys(ids))
        found = set(waiting)
        for id_ in waiting:
            for edge in self.outgoing(id_):
                if edge.target not in found and beyond(edge.target):
                    found.add(edge.target)
                    waiting.append(edge.target)
        return found

    def copy(self) -> Graph:
        """Return an independent graph with the same nodes and edges."""
        other = Graph({})
        other._node_types = self._node_types
        other._nodes, other._edges, other._type_of_node = dict(self._nodes), list(self._edges), dict(self._type_of_node)
        other._incoming = {id_: list(edges) for id_, edges in self._incoming.items()}
        other._outgoing = {id_: list(edges) for id_, edges in self._outgoing.items()}
        other._order, other._types = self._order.copy(), self._types.copy()
        other._axes = self._axes.copy(other._nodes, other._order.rank)
        return other

    def to_json(self, only: Collection[str] | None = None) -> dict[str, Any]:
        """Return the graph as JSON data, parents first; with `only`, just these nodes and the edges between them."""
        ids = self._order.sorted(self._nodes if only is None else only)
        inside = set(ids)
        edges = self._edges if only is None else [edge for id_ in ids for edge in self.incoming(id_)]
        return {
            "nodes": {id_: self._nodes[id_].to_json() for id_ in ids},
            "edges": [edge.to_json() for edge in edges if edge.source in inside],
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self._nodes == other._nodes and set(self._edges) == set(other._edges)

    def __hash__(self) -> int:
        raise TypeError("a graph is mutable and has no hash")

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._nodes

    def _checked(self, nodes: Iterable[Node], edges: Sequence[Edge]) -> tuple[dict[str, Node], list[str]]:
        """Check everything but types; return the new nodes, and the ids of these nodes with parents first."""
        fresh = check_nodes(nodes, self._nodes, self._node_types)
        check_ends(edges, fresh, self._nodes)
        check_written(fresh.values(), self._node_types)
        ends = {id_: fresh.get(id_) or self._nodes[id_] for edge in edges for id_ in (edge.source, edge.target)}
        check_linked(edges, ends, self._node_types, self._incoming)
        sources: dict[str, list[str]] = {}
        for edge in edges:
            if edge.target in fresh:
                sources.setdefault(edge.target, []).append(edge.source)
        try:
            return fresh, topological(list(fresh), sources)
        except CycleFound as found:
            raise cycle(found.path) from None

    def _make_room(self, edge: Edge) -> None:
        try:
            self._order.make_room(edge.source, edge.target, self.incoming, self.outgoing)
        except CycleFound as found:
            raise cycle(found.path) from None

    def _check_types(self, id_: str) -> None:
        self._types.check(self._nodes[id_], self._type_of_node[id_], self.incoming(id_), self._nodes)

    def _add_axes(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self._axes.add(self._nodes[id_], self._type_of_node[id_], self.incoming(id_))

    def _resolve_again(self, ids: Iterable[str], changed: dict[str, Types]) -> None:
        """Check the types of nodes that have a new edge or changed input types; save their old types in `changed`."""
        waiting = dict.fromkeys(ids)
        while waiting:
            id_ = min(waiting, key=self.rank)
            del waiting[id_]
            old = self._types.get(id_)
            if old is not None:
                changed.setdefault(id_, old)
            self._check_types(id_)
            if self._types.get(id_) != old:
                waiting.update(dict.fromkeys(edge.target for edge in self.outgoing(id_)))

    def _insert(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self._edges.append(edge)
            self._incoming.setdefault(edge.target, []).append(edge)
            self._outgoing.setdefault(edge.source, []).append(edge)

    def _undo(self, fresh: Mapping[str, Node], edges: int) -> None:
        """Undo an extension: remove the `fresh` nodes and all but the first `edges` edges."""
        while len(self._edges) > edges:
            edge = self._edges.pop()
            self._incoming[edge.target].remove(edge)
            self._outgoing[edge.source].remove(edge)
        for id_ in fresh:
            for table in (self._nodes, self._type_of_node, self._order.rank, self._incoming, self._outgoing):
                table.pop(id_, None)
