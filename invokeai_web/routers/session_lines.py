"""Routes for the lines and nodes of a session: lines and graphs are added, and never changed or removed."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from invokeai_web.adding import add_line, add_nodes, line_answers
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import PAGE, Cursor, Limit, ServerDependency
from invokeai_web.graph_body import GraphBody, graph_of
from invokeai_web.new_nodes import edges_to, node_of
from invokeai_web.paging import page_of, read_cursor
from invokeai_web.server import Server
from invokeai_web.session_answers import (
    AddedLine,
    AddedNodes,
    EdgeAnswer,
    LinePage,
    LinkedNode,
    NewLine,
)
from invokeai_web.session_documents import public_graph
from invokeai_web.session_tags import IfMatch, tag_of

router = ApiRouter("sessions", prefix="/sessions/{session_id}")


@router.post("/lines", status_code=201)
def add_session_line(
    session_id: str, body: NewLine, server: ServerDependency, response: Response, if_match: IfMatch = None
) -> AddedLine:
    """Add a line to a session and run it, as in the terminal; it can use the results of earlier lines."""
    added = add_line(server, session_id, body.line, run=body.run, priority=body.priority, if_match=if_match)
    _tell(server, session_id, response)
    if added.item is not None:
        response.headers["Location"] = f"{BASE}/queue/{added.item.id}"
    return added


@router.get("/lines")
def list_session_lines(
    session_id: str,
    server: ServerDependency,
    request: Request,
    response: Response,
    limit: Limit = PAGE,
    cursor: Cursor = "",
) -> LinePage:
    """List the lines of a session in order."""
    after = read_cursor(cursor, (int,))
    start = 0 if after is None else max(after[0], 0)
    with server.workspace_of(session_id) as workspace:
        session = workspace.session
        lines = session.lines[start : start + limit + 1]
        found, following = page_of(request, response, lines, limit, lambda line: (line.number,))
        items = line_answers(server, session, found)
        response.headers["ETag"] = tag_of(session)
    return LinePage(items=items, next=following)


@router.post("/graph", status_code=201)
def add_graph(
    session_id: str, graph: GraphBody, server: ServerDependency, response: Response, if_match: IfMatch = None
) -> AddedNodes:
    """Add a graph to a session, completely or not at all; nothing runs."""
    found = graph_of(graph, server)
    nodes, edges = [*found.nodes.values()], [*found.edges]
    add_nodes(server, session_id, nodes, edges, if_match=if_match)
    _tell(server, session_id, response)
    return _added(server, session_id, [node.id for node in nodes])


@router.post("/nodes", status_code=201)
def add_node(
    session_id: str, body: LinkedNode, server: ServerDependency, response: Response, if_match: IfMatch = None
) -> AddedNodes:
    """Add a node with its links to a session; nothing runs. Nodes that are there are never changed or removed."""
    with server.workspace_of(session_id) as workspace:
        node = node_of(body.node, server, workspace.session)
        edges = edges_to(node, body.links, workspace.session, server)
        add_nodes(server, session_id, [node], edges, if_match=if_match)
    _tell(server, session_id, response)
    return _added(server, session_id, [node.id])


def _tell(server: Server, session_id: str, response: Response) -> None:
    response.headers["ETag"] = tag_of(server.invoker.open(session_id))


def _added(server: Server, session_id: str, ids: list[str]) -> AddedNodes:
    graph = public_graph(server.invoker.open(session_id).graph.to_json(), server)
    nodes: dict[str, dict[str, Any]] = graph["nodes"]
    edges = [EdgeAnswer(**edge) for edge in graph["edges"] if edge["target"] in ids]
    return AddedNodes(nodes=[nodes[id_] for id_ in ids], edges=edges)
