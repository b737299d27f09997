"""Resolve the types of a graph's outputs, which may depend on links, and check that each edge fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from invocations import errors
from invocations.spec import FieldType

from .compatible import bindings, fits, may_arrive, resolved, type_of_value, without_holes
from .node import Edge, Node
from .node_type import NodeType, NodeTypes

Types = dict[str, FieldType]


class OutputTypes:
    """Output types by node; only types that depend on links are stored."""

    def __init__(self, node_types: NodeTypes) -> None:
        self._node_types = node_types
        self._outputs: dict[str, Types] = {}
        self._fitting: dict[tuple[str, str, str, str], bool] = {}

    def copy(self) -> OutputTypes:
        """Return an independent copy."""
        other = OutputTypes(self._node_types)
        other._outputs, other._fitting = dict(self._outputs), self._fitting
        return other

    def get(self, node_id: str) -> Types | None:
        """Return the resolved output types of a node, or None if they do not depend on links."""
        return self._outputs.get(node_id)

    def restore(self, old: Mapping[str, Types], gone: Iterable[str]) -> None:
        """Undo a refused extension: restore the old types, and drop the types of nodes that no longer exist."""
        self._outputs.update(old)
        for id_ in gone:
            self._outputs.pop(id_, None)

    def of(self, node: Node, output: str) -> FieldType:
        """Return the type of an output."""
        settled = self._outputs.get(node.id)
        return self._node_types[node.type].outputs[output].type if settled is None else settled[output]

    def check(self, node: Node, node_type: NodeType, incoming: Sequence[Edge], nodes: Mapping[str, Node]) -> None:
        """Check the types of a node's inputs and resolve those of its outputs. Raises: TypeMismatch."""
        for edge in incoming:
            if not self._fits(edge, nodes[edge.source], node, node_type):
                raise self._mismatch(edge, self.of(nodes[edge.source], edge.output), node_type.inputs[edge.input].type)
        if node_type.generic:
            self._outputs[node.id] = self._settle(node, node_type, incoming, nodes)

    def _settle(self, node: Node, node_type: NodeType, incoming: Sequence[Edge], nodes: Mapping[str, Node]) -> Types:
        arriving = [(name, type_of_value(value)) for name, value in node.inputs.items() if name in node_type.variables]
        arriving += [(edge.input, self.of(nodes[edge.source], edge.output)) for edge in incoming]
        different = {
            (name, id(kind)): (name, kind) for name, kind in arriving
        }  # a `collect` node may have thousands of items of the same type
        bound, clash = bindings(node_type.spec, different.values())
        if clash is not None:
            name, first, second = clash
            raise errors.TypeMismatch(
                f"`{node.id}` ({node.type}) gets {first} and {second}, which must be the same type",
                node=node.id,
                field=name,
            )
        return {
            name: resolved(node_type.spec, output, bound, node.inputs) for name, output in node_type.outputs.items()
        }

    def _mismatch(self, edge: Edge, source: FieldType, wanted: FieldType) -> errors.TypeMismatch:
        if fits(without_holes(source), wanted):
            message = (
                f"items of `{edge.source}.{edge.output}` may be missing, but `{edge.target}.{edge.input}` needs all"
            )
        else:
            message = (
                f"`{edge.source}.{edge.output}` is of type {source},"
                f" but `{edge.target}.{edge.input}` takes values of type {wanted}"
            )
        return errors.TypeMismatch(message, node=edge.target, field=edge.input)

    def _fits(self, edge: Edge, source: Node, target: Node, node_type: NodeType) -> bool:
        wanted = node_type.inputs[edge.input].type
        settled = self._outputs.get(edge.source)
        if settled is not None:
            return may_arrive(settled[edge.output], wanted)
        key = (source.type, edge.output, target.type, edge.input)
        known = self._fitting.get(key)
        if known is None:
            known = self._fitting[key] = may_arrive(self._node_types[source.type].outputs[edge.output].type, wanted)
        return known
