"""Read and validate JSON documents that contain graphs; `schema.py` describes them as JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations import values
from invocations.errors import DuplicateNode, KeyMismatch, MalformedGraph
from invocations.foreign import ForeignData, json_data

from .graph import Graph
from .node import Edge, Node
from .node_type import Specs


def read_graph(data: str | Mapping[str, Any], specs: Specs) -> Graph:
    """Parse and validate a graph document, which may be a string or JSON data. Raises: GraphError."""
    found = _parsed(data) if isinstance(data, str) else data
    nodes, edges = read_nodes(found), read_edges(found)
    ids = [node.id for _, node in nodes]
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise DuplicateNode(f"two nodes have the id `{id_}`", node=id_)
        seen.add(id_)
    for key, node in nodes:
        if key != node.id:
            raise KeyMismatch(f"the node under the key `{key}` has the id `{node.id}`", node=key, field="id")
    graph = Graph(specs)
    graph.extend([node for _, node in nodes], edges)
    graph.check_loops()
    return graph


def read_nodes(data: Mapping[str, Any]) -> list[tuple[str, Node]]:
    """Return the nodes of a document, by the keys used in it. Raises: MalformedGraph."""
    try:
        return [(str(key), _node(each)) for key, each in data["nodes"].items()]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise MalformedGraph(f"not a graph: {error!r}") from error


def read_edges(data: Mapping[str, Any]) -> list[Edge]:
    """Return the edges of a document. Raises: MalformedGraph."""
    try:
        return [_edge(each) for each in data.get("edges", ())]
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedGraph(f"not a graph: {error!r}") from error


def _parsed(text: str) -> Mapping[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found and isinstance(value, dict) and "type" in value:
                raise DuplicateNode(f"two nodes have the id `{key}`", node=key)
            found[key] = value
        return found

    try:
        found = json_data(text, pairs=unique)
    except ForeignData as error:
        raise MalformedGraph(f"not a graph: {error}") from error
    if not isinstance(found, dict):
        raise MalformedGraph("not a graph: expected a JSON object")
    return found


def _node(data: Mapping[str, Any]) -> Node:
    id_, kind, inputs = data["id"], data["type"], data.get("inputs", {})
    if not (isinstance(id_, str) and isinstance(kind, str) and isinstance(inputs, Mapping)):
        raise TypeError("a node needs an id, a type and inputs")
    return Node(id_, kind, {name: values.from_json(value) for name, value in inputs.items()})


def _edge(data: Mapping[str, Any]) -> Edge:
    ends = (data["source"], data["output"], data["target"], data["input"])
    if not all(isinstance(end, str) for end in ends):
        raise TypeError("the ends of an edge must be strings")
    return Edge(*ends)
