"""A graph: nodes and edges, every rule checked against metadata when something is added. Pure.

Nodes are never changed or removed. What is added is added whole or not at all. The checks run in one order: unique ids,
nodes exist, fields exist, acyclic, types, the rules of iterate, collect and `if`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from invocations import errors
from invocations.graph.compatible import bindings, fits, substitute, type_of_value
from invocations.graph.node import Edge, Node
from invocations.graph.order import Circle, topological
from invocations.graph.shape import Shape, Shapes, Specs
from invocations.spec import FieldType

__all__ = ["Edge", "Graph", "Node", "Specs"]


class Graph:
    """Nodes by id and the edges between them; always acyclic and well typed."""

    def __init__(self, specs: Specs) -> None:
        self.shapes = Shapes(specs)
        self._nodes: dict[str, Node] = {}
        self._shape_of: dict[str, Shape] = {}
        self._edges: list[Edge] = []
        self._incoming: dict[str, list[Edge]] = {}
        self._outgoing: dict[str, list[Edge]] = {}
        self._rank: dict[str, int] = {}  # place in one topological order
        self._next_rank = 0
        self._outputs: dict[str, dict[str, FieldType]] = {}  # types of the outputs of generic nodes
        self._fitting: dict[tuple[str, str, str, str], bool] = {}

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by id, in the order they were added."""
        return MappingProxyType(self._nodes)

    @property
    def edges(self) -> Sequence[Edge]:
        """The edges, in the order they were added."""
        return tuple(self._edges)

    def incoming(self, node_id: str) -> Sequence[Edge]:
        """Return the edges that end at a node."""
        return self._incoming.get(node_id, ())

    def outgoing(self, node_id: str) -> Sequence[Edge]:
        """Return the edges that start at a node."""
        return self._outgoing.get(node_id, ())

    def rank(self, node_id: str) -> int:
        """Return a node's place in one topological order: less than that of all it feeds."""
        return self._rank[node_id]

    @property
    def next_rank(self) -> int:
        """The place that the next node gets: more than that of all that are there."""
        return self._next_rank

    def order(self) -> list[str]:
        """Return all ids, parents before children."""
        return sorted(self._nodes, key=self._rank.__getitem__)

    def shape(self, node_id: str) -> Shape:
        """Return the metadata of a node, arranged by name."""
        return self._shape_of[node_id]

    def type_of(self, node_id: str, output: str) -> FieldType:
        """Return the type of a node's output, type variables settled by what is linked."""
        generic = self._outputs.get(node_id)
        return self.shape(node_id).outputs[output].type if generic is None else generic[output]

    def add_node(self, node: Node) -> None:
        """Add a node. Raises: GraphError."""
        self.extend((node,), ())

    def add_edge(self, edge: Edge) -> None:
        """Add an edge between nodes that are there. Raises: GraphError."""
        self.extend((), (edge,))

    def extend(self, nodes: Iterable[Node], edges: Iterable[Edge] = (), *, complete: bool = False) -> None:
        """Add nodes and edges, all or nothing, at a cost that does not grow with the graph.

        With `complete` the nodes must have all inputs that they require. Raises: GraphError.
        """
        edges = tuple(edges)
        fresh = self._check_nodes(nodes)
        self._check_ends(fresh, edges)
        arriving = self._check_fields(fresh, edges)
        order = self._check_order(fresh, arriving)
        into_old = [edge for edge in edges if edge.target in self._nodes]
        before = len(self._edges)
        for number, id_ in enumerate(order, self._next_rank):
            self._rank[id_] = number
        self._next_rank += len(order)
        self._nodes.update(fresh)
        self._shape_of.update((id_, self.shapes[node.type]) for id_, node in fresh.items())
        self._insert(edges if not into_old else [edge for edge in edges if edge.target in fresh])
        changed: dict[str, dict[str, FieldType]] = {}
        try:
            for edge in into_old:
                self._make_room(edge)
                self._insert((edge,))
            for id_ in order:
                self._check_types(id_)
            self._settle_again([edge.target for edge in into_old], changed)
            if complete:
                self.check_complete(fresh)
        except errors.GraphError:
            self._outputs.update(changed)
            self._take_back(fresh, before)
            raise

    def check_complete(self, ids: Iterable[str]) -> None:
        """Refuse nodes whose required inputs are neither written nor linked. Raises: MissingInput."""
        for id_ in ids:
            node, shape = self._nodes[id_], self._shape_of[id_]
            incoming = self._incoming.get(id_, ())
            if shape.spec.role in ("iterate", "collect"):
                self._check_fed(node, shape)
                continue
            for name in shape.required:
                if name not in node.inputs and not any(edge.input == name for edge in incoming):
                    raise errors.MissingInput(
                        f"`{node.type}` needs `{name}` and has none", node=id_, field=name, hint="write it or link it"
                    )

    def check_loops(self, ids: Iterable[str]) -> None:
        """Refuse an iterate without a list and a collect without items. Raises: MissingInput."""
        for id_ in ids:
            shape = self.shape(id_)
            if shape.spec.role in ("iterate", "collect"):
                self._check_fed(self._nodes[id_], shape)

    def ancestors(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the nodes that some nodes depend on, themselves included, with their distance, nearest first."""
        found = dict.fromkeys(ids, 0)
        waiting = list(found)
        for id_ in waiting:
            for edge in self._incoming.get(id_, ()):
                if edge.source not in found:
                    found[edge.source] = found[id_] + 1
                    waiting.append(edge.source)
        return found

    def descendants(self, ids: Iterable[str]) -> set[str]:
        """Return the nodes that depend on some nodes, themselves included."""
        waiting = list(dict.fromkeys(ids))
        found = set(waiting)
        for id_ in waiting:
            for edge in self._outgoing.get(id_, ()):
                if edge.target not in found:
                    found.add(edge.target)
                    waiting.append(edge.target)
        return found

    def copy(self) -> Graph:
        """Return a graph of its own with the same nodes and edges."""
        other = Graph({})
        other.shapes = self.shapes
        other._nodes, other._edges, other._shape_of = dict(self._nodes), list(self._edges), dict(self._shape_of)
        other._incoming = {id_: list(edges) for id_, edges in self._incoming.items()}
        other._outgoing = {id_: list(edges) for id_, edges in self._outgoing.items()}
        other._rank, other._next_rank = dict(self._rank), self._next_rank
        other._outputs, other._fitting = dict(self._outputs), self._fitting
        return other

    def to_json(self, only: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the graph, or a part of it with the edges inside, as JSON data."""
        kept = self._nodes.keys() if only is None else set(only)
        edges: Iterator[Edge] = (edge for edge in self._edges) if only is None else self._edges_among(kept)
        return {
            "nodes": {id_: node.to_json() for id_, node in self._named(kept)},
            "edges": [edge.to_json() for edge in edges],
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self._nodes == other._nodes and set(self._edges) == set(other._edges)

    def __hash__(self) -> int:
        raise TypeError("a graph grows, it has no hash")

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._nodes

    def _named(self, ids: Iterable[str]) -> Iterator[tuple[str, Node]]:
        return ((id_, self._nodes[id_]) for id_ in sorted(ids, key=self._rank.__getitem__))

    def _edges_among(self, kept: Any) -> Iterator[Edge]:
        for id_, _ in self._named(kept):
            yield from (edge for edge in self._incoming.get(id_, ()) if edge.source in kept)

    # the checks, in order

    def _check_nodes(self, nodes: Iterable[Node]) -> dict[str, Node]:
        fresh: dict[str, Node] = {}
        for node in nodes:
            if node.id in self._nodes or node.id in fresh:
                raise errors.DuplicateNode(f"there is a node `{node.id}` already", node=node.id)
            fresh[node.id] = node
        for node in fresh.values():
            try:
                self.shapes[node.type]
            except KeyError:
                raise errors.UnknownType(f"`{node.type}` is no invocation", node=node.id, field="type") from None
        return fresh

    def _check_ends(self, fresh: Mapping[str, Node], edges: Iterable[Edge]) -> None:
        """Refuse edges that start or end nowhere."""
        for edge in edges:
            for id_, name in ((edge.source, edge.output), (edge.target, edge.input)):
                if id_ not in fresh and id_ not in self._nodes:
                    raise errors.MissingNode(f"there is no node `{id_}`", node=id_, field=name)

    def _check_fields(self, fresh: Mapping[str, Node], edges: Iterable[Edge]) -> dict[str, list[str]]:
        """Refuse fields that are not there or not free; return the sources of each target that is new."""
        for node in fresh.values():
            shape = self.shapes[node.type]
            for name in node.inputs:
                if name not in shape.inputs:
                    raise _unknown_field(node, "input", name, shape.inputs)
                if shape.inputs[name].given == "linked":
                    raise errors.NotLinkable(
                        f"`{name}` of `{node.type}` can only be linked, not written", node=node.id, field=name
                    )
        arriving: dict[str, list[str]] = {}
        taken: set[tuple[str, str]] = set()
        for edge in edges:
            source = fresh.get(edge.source) or self._nodes[edge.source]
            target = fresh.get(edge.target) or self._nodes[edge.target]
            outputs, shape = self.shapes[source.type].outputs, self.shapes[target.type]
            if edge.output not in outputs:
                raise _unknown_field(source, "output", edge.output, outputs)
            if edge.input not in shape.inputs:
                raise _unknown_field(target, "input", edge.input, shape.inputs)
            self._check_free(edge, target, shape, taken)
            if edge.target in fresh:
                arriving.setdefault(edge.target, []).append(edge.source)
        return arriving

    def _check_free(self, edge: Edge, target: Node, shape: Shape, taken: set[tuple[str, str]]) -> None:
        """Refuse a second value for an input; only what a collect gathers may be many."""
        if shape.inputs[edge.input].given == "written":
            raise errors.NotLinkable(
                f"`{edge.input}` of `{target.type}` can only be written, not linked", node=edge.target, field=edge.input
            )
        here = (edge.target, edge.input)
        there = self._incoming.get(edge.target, ())
        if edge.input != shape.many and (here in taken or any(other.input == edge.input for other in there)):
            raise errors.InputTaken(f"`{edge.input}` of `{edge.target}` is linked already", node=here[0], field=here[1])
        if edge.input in target.inputs:
            raise errors.InputTaken(
                f"`{edge.input}` of `{edge.target}` is written already", node=here[0], field=here[1]
            )
        taken.add(here)

    def _check_order(self, fresh: Mapping[str, Node], arriving: Mapping[str, Sequence[str]]) -> list[str]:
        try:
            return topological(list(fresh), arriving)
        except Circle as circle:
            raise _cycle(circle.path) from None

    def _check_types(self, id_: str) -> None:
        """Check what arrives at a node, and settle the types of its outputs."""
        node, shape = self._nodes[id_], self._shape_of[id_]
        incoming = self._incoming.get(id_, ())
        for edge in incoming:
            if not self._fits(edge, node, shape):
                raise errors.TypeMismatch(
                    f"`{edge.source}.{edge.output}` is {self.type_of(edge.source, edge.output)},"
                    f" `{edge.target}.{edge.input}` takes {shape.inputs[edge.input].type}",
                    node=id_,
                    field=edge.input,
                )
        if shape.generic:
            self._outputs[id_] = self._settled(node, shape, incoming)

    def _settled(self, node: Node, shape: Shape, incoming: Iterable[Edge]) -> dict[str, FieldType]:
        arriving = [(name, type_of_value(value)) for name, value in node.inputs.items() if name in shape.variables]
        arriving += [(edge.input, self.type_of(edge.source, edge.output)) for edge in incoming]
        bound, clash = bindings(shape.spec, arriving)
        if clash is not None:
            name, first, second = clash
            raise errors.TypeMismatch(
                f"`{node.id}` ({node.type}) gets {first} and {second} where both must be of one type",
                node=node.id,
                field=name,
            )
        return {name: substitute(output.type, bound) for name, output in shape.outputs.items()}

    def _check_fed(self, node: Node, shape: Shape) -> None:
        if node.inputs or self._incoming.get(node.id):
            return
        if shape.spec.role == "iterate":
            raise errors.IterateWithoutInput(
                f"`{node.id}` (iterate) has no list", node=node.id, field=next(iter(shape.inputs), "")
            )
        raise errors.CollectWithoutInput(f"`{node.id}` (collect) has nothing to gather", node=node.id, field=shape.many)

    def _fits(self, edge: Edge, target: Node, shape: Shape) -> bool:
        wanted = shape.inputs[edge.input].type
        if edge.source in self._outputs:
            return fits(self._outputs[edge.source][edge.output], wanted)
        source = self._nodes[edge.source].type
        key = (source, edge.output, target.type, edge.input)
        known = self._fitting.get(key)
        if known is None:
            known = self._fitting[key] = fits(self.shapes[source].outputs[edge.output].type, wanted)
        return known

    # edges into nodes that are there already

    def _make_room(self, edge: Edge) -> None:
        """Put the source before the target in the order, looking only at what lies between them.

        Pearce and Kelly, A dynamic topological sort algorithm for directed acyclic graphs, 2007. Raises: Cycle.
        """
        low, high = self._rank[edge.target], self._rank[edge.source]
        if edge.source == edge.target:
            raise _cycle((edge.source,))
        if high < low:
            return
        after = self._reach(edge.target, self._outgoing, "target", lambda rank: rank <= high)
        if edge.source in after:
            raise _cycle(_walk_back(after, edge.source))
        before = self._reach(edge.source, self._incoming, "source", lambda rank: rank >= low)
        moved = [*sorted(before, key=self._rank.__getitem__), *sorted(after, key=self._rank.__getitem__)]
        ranks = sorted(self._rank[id_] for id_ in moved)
        self._rank.update(zip(moved, ranks, strict=True))

    def _reach(self, start: str, edges: Mapping[str, list[Edge]], end: str, near: Any) -> dict[str, str]:
        """Return what a node reaches within a stretch of the order, each with the node it was reached from."""
        found = {start: ""}
        waiting = [start]
        for id_ in waiting:
            for edge in edges.get(id_, ()):
                other = getattr(edge, end)
                if other not in found and near(self._rank[other]):
                    found[other] = id_
                    waiting.append(other)
        return found

    def _settle_again(self, ids: Iterable[str], changed: dict[str, dict[str, FieldType]]) -> None:
        """Check nodes that got an edge, and what depends on types that are new now; keep the old types in `changed`."""
        waiting = dict.fromkeys(ids)
        while waiting:
            id_ = min(waiting, key=self._rank.__getitem__)
            del waiting[id_]
            old = self._outputs.get(id_)
            if old is not None:
                changed.setdefault(id_, old)
            self._check_types(id_)
            if self._outputs.get(id_) != old:
                waiting.update(dict.fromkeys(edge.target for edge in self._outgoing.get(id_, ())))

    def _insert(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self._edges.append(edge)
            self._incoming.setdefault(edge.target, []).append(edge)
            self._outgoing.setdefault(edge.source, []).append(edge)

    def _take_back(self, fresh: Mapping[str, Node], edges: int) -> None:
        """Undo an extension: the edges from number `edges` on, and the fresh nodes."""
        while len(self._edges) > edges:
            edge = self._edges.pop()
            self._incoming[edge.target].remove(edge)
            self._outgoing[edge.source].remove(edge)
        for id_ in fresh:
            for table in (self._nodes, self._shape_of, self._rank, self._outputs, self._incoming, self._outgoing):
                table.pop(id_, None)


def _cycle(path: Sequence[str]) -> errors.Cycle:
    start = path.index(min(path))
    around = (*path[start:], *path[:start], path[start])
    return errors.Cycle("the edges run in a circle: " + " -> ".join(around), node=around[0])


def _walk_back(found: Mapping[str, str], end: str) -> tuple[str, ...]:
    path = [end]
    while found[path[-1]]:
        path.append(found[path[-1]])
    return tuple(reversed(path))


def _unknown_field(node: Node, side: str, name: str, known: Iterable[str]) -> errors.UnknownField:
    names = tuple(known)
    near = get_close_matches(name, names, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(f'`{each}`' for each in names) or 'none'}"
    return errors.UnknownField(f"`{node.type}` has no {side} `{name}`", node=node.id, field=name, hint=hint)
