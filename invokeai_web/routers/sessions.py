"""Routes for sessions as a whole: create, list, read, change, delete, export and import them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Query, Request, Response
from fastapi.responses import JSONResponse

from invocations.graph.exact_integers import read_document
from invocations.public_json import public_json
from invocations.queueing.base import RUNNING, WAITING, ItemFilter
from invocations.storing.base import SessionFilter
from invocations.storing.importing import session_of
from invokeai_web.adding import add_line, add_nodes
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import PAGE, Cursor, Limit, ServerDependency
from invokeai_web.etags import is_known, not_modified
from invokeai_web.graph_body import graph_of
from invokeai_web.paging import page_of, read_cursor
from invokeai_web.problem_details import ApiProblem
from invokeai_web.queue_places import queue_places
from invokeai_web.server import Server
from invokeai_web.session_answers import (
    AddedLine,
    CreatedSession,
    NewSession,
    SessionAnswer,
    SessionChange,
    SessionPage,
    SessionSnapshot,
    session_answer,
)
from invokeai_web.session_documents import session_document
from invokeai_web.session_tags import tag_of
from workflows.line_texts import with_first_lines

router = ApiRouter("sessions", prefix="/sessions")


@router.post("", status_code=201)
def create_session(body: NewSession, server: ServerDependency, response: Response) -> CreatedSession:
    """Create a session, which is empty or starts with a graph or a line; with `run`, it begins to run."""
    if body.graph is not None and body.line is not None:
        raise ApiProblem(422, "invalid_request", "a session starts with a graph or with a line, not with both")
    graph = None if body.graph is None else graph_of(body.graph, server)
    session_id = server.invoker.create(title=body.title).id
    added: AddedLine | None = None
    try:
        if body.line is not None:
            added = add_line(server, session_id, body.line, run=body.run, priority=body.priority)
        elif graph is not None:
            nodes, edges = [*graph.nodes.values()], [*graph.edges]
            added = add_nodes(server, session_id, nodes, edges, run=body.run, priority=body.priority)
    except BaseException:
        server.invoker.delete(session_id)  # nobody knows it yet
        raise
    response.headers["Location"] = f"{BASE}/sessions/{session_id}"
    data = _answer(server, session_id)
    return CreatedSession(**data, **({} if added is None else added.model_dump()))


@router.get("")
def list_sessions(
    server: ServerDependency,
    request: Request,
    response: Response,
    limit: Limit = PAGE,
    cursor: Cursor = "",
    words: Annotated[str, Query(max_length=400, description="the line or the title contains all these words")] = "",
    failed: Annotated[bool, Query(description="only sessions with a line that failed or was cancelled")] = False,
    since: Annotated[float, Query(ge=0, description="changed at this time or later")] = 0.0,
    pinned: Annotated[bool | None, Query(description="whether the session is pinned")] = None,
) -> SessionPage:
    """List sessions, the one that was changed last first."""
    before = read_cursor(cursor, ((int, float), str))
    place = None if before is None else (before[0], before[1])
    wanted = SessionFilter(
        words=tuple(words.split()), failed=failed, since=since, limit=limit + 1, pinned=pinned, before=place
    )
    sessions = server.invoker.sessions(wanted)
    found, following = page_of(request, response, sessions, limit, lambda info: info.position)
    shown = with_first_lines(found, server.invoker, server.catalog)
    return SessionPage(items=[SessionAnswer(**_clean(server, session_answer(info))) for info in shown], next=following)


@router.get("/{session_id}", response_model=SessionSnapshot)
def get_session(session_id: str, server: ServerDependency, request: Request) -> Response:
    """Return everything in a session, and the place in its events after which this is current."""
    with server.workspace_of(session_id) as workspace:
        etag = tag_of(workspace.session)
        if is_known(request, etag):
            return not_modified(etag)
        place = server.position(session_id)  # before the session is read: what happens meanwhile is only told twice
        document = session_document(workspace.session, server)
        running = workspace.session.running.locked()
    info = server.invoker.info(session_id)
    places = queue_places(server, ItemFilter((WAITING, RUNNING), session=session_id))
    document |= {
        **{name: getattr(info, name) for name in ("title", "pinned", "imported")},
        "state": {"running": running, "at_work": server.publisher.at_work(session_id)},
        "epoch": place.epoch,
        "last": place.last,
        "queue": [each.model_dump() for each in places],
    }
    return JSONResponse(document, headers={"ETag": etag})


@router.patch("/{session_id}")
def change_session(session_id: str, body: SessionChange, server: ServerDependency) -> SessionAnswer:
    """Change the title of a session, or pin or unpin it."""
    server.invoker.change(session_id, title=body.title, pinned=body.pinned)
    return SessionAnswer(**_answer(server, session_id))


@router.delete("/{session_id}", status_code=204)
def delete_session(session_id: str, server: ServerDependency) -> None:
    """Delete a session that is not running, with its items in the queue."""
    server.invoker.delete(session_id)


@router.get("/{session_id}/export", response_model=dict[str, Any])
def export_session(session_id: str, server: ServerDependency) -> Response:
    """Return a session as a document that can be imported."""
    with server.workspace_of(session_id) as workspace:
        document = session_document(workspace.session, server)
    return JSONResponse(document, headers={"Content-Disposition": f'attachment; filename="{session_id}.json"'})


@router.post("/import", status_code=201)
def import_session(
    document: Annotated[dict[str, Any], Body(description="an exported session")],
    server: ServerDependency,
    response: Response,
) -> SessionAnswer:
    """Import a session. It may come from anyone, so it does not run until it is trusted in the terminal."""
    data = public_json(document)
    if isinstance(data.get("graph"), dict):
        data["graph"] = read_document(data["graph"], server.catalog)
    session = session_of(data, server.catalog.spec)
    server.invoker.add(session)
    response.headers["Location"] = f"{BASE}/sessions/{session.id}"
    return SessionAnswer(**_answer(server, session.id))


def _answer(server: Server, session_id: str) -> dict[str, Any]:
    return _clean(server, session_answer(server.invoker.info(session_id)))


def _clean(server: Server, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "first_line": server.without_paths(data["first_line"])}
