"""Choose the seeds of nodes that join a session without one."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from invocations.graph.graph import Edge, Graph, Node


def with_seeds(graph: Graph, nodes: tuple[Node, ...], edges: Iterable[Edge]) -> tuple[Node, ...]:
    """Return the nodes with a random 32-bit number for each seed that has neither a value nor a link."""
    if not any(_seeds(graph, node) for node in nodes):
        return nodes
    linked = {(edge.target, edge.input) for edge in edges}
    return tuple([_with_seeds(node, _seeds(graph, node), linked) for node in nodes])


def _seeds(graph: Graph, node: Node) -> tuple[str, ...]:
    try:
        return graph.node_types[node.type].seeds
    except KeyError:
        return ()


def _with_seeds(node: Node, seeds: Iterable[str], linked: Collection[tuple[str, str]]) -> Node:
    drawn = {
        name: int.from_bytes(os.urandom(4), "big")
        for name in seeds
        if node.inputs.get(name) is None and (node.id, name) not in linked
    }
    return Node(node.id, node.type, {**node.inputs, **drawn}) if drawn else node
