"""Graphs in requests: read, limited in size and checked; nothing in them can name a file of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Body

from invocations.graph.document import read_graph
from invocations.graph.exact_integers import read_document
from invocations.graph.graph import Graph
from invocations.public_json import public_json
from workflows.values.check_values import check_values

from .openapi.components import GraphDocument
from .problem_details import ApiProblem
from .server import Server

MAX_NODES: Final = 2000
EXAMPLE: Final = {"nodes": {"1": {"id": "1", "type": "add", "inputs": {"a": 1, "b": 2}}}, "edges": []}
GraphBody = Annotated[GraphDocument, Body(description="nodes by id, and edges", examples=[EXAMPLE])]


def graph_of(body: Mapping[str, Any], server: Server) -> Graph:
    """Return the graph in the body of a request; the paths of references in it are dropped.

    Raises: ApiProblem, if it has too many nodes; GraphError; DataRefused.
    """
    nodes = body.get("nodes")
    if isinstance(nodes, Mapping) and len(nodes) > MAX_NODES:
        message = f"the graph has {len(nodes)} nodes; a request can have at most {MAX_NODES}"
        raise ApiProblem(422, "graph_too_large", message, "send the nodes in several requests", field="nodes")
    graph = read_graph(public_json(read_document(body, server.catalog)), server.catalog.spec)
    check_values(graph.nodes.values(), server.catalog)
    return graph
