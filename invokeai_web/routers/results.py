"""Routes for what a session has made: its results, and a script that makes them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from fastapi.responses import PlainTextResponse

from invocations.errors import MissingNode
from invocations.storing.base import SessionFilter
from invocations.values import ImageRef
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.events.public_event import public_value
from invokeai_web.session_answers import ResultAnswer, ResultList
from workflows.decompile.script import write_script
from workflows.session_lines import ends

if TYPE_CHECKING:
    from invocations.sessions.session import Session

router = ApiRouter("sessions", prefix="/sessions/{session_id}")


@router.get("/results")
def list_results(
    session_id: str,
    server: ServerDependency,
    node: Annotated[str, Query(max_length=200, description="only the outputs of this node")] = "",
) -> ResultList:
    """Return the results of all lines of a session as far as they exist, or the outputs of one node."""
    with server.workspace_of(session_id) as workspace:
        session = workspace.session
        with session.lock:
            found = [
                _answer(session.graph.nodes[id_].type, id_, output, value)
                for id_, output in _outputs(session, node)
                for value in session.values(id_, output)
            ]
    return ResultList(format="results/1", results=found)


@router.get("/script", response_class=PlainTextResponse)
def get_script(session_id: str, server: ServerDependency) -> PlainTextResponse:
    """Return a script that makes the results of a session again, as `history --save` writes it."""
    with server.workspace_of(session_id) as workspace:
        lines = server.invoker.lines(SessionFilter(session=session_id))
        defaults = workspace.settings.defaults
        written = write_script(lines, invoker=server.invoker, catalog=server.catalog, defaults=defaults)
    return PlainTextResponse(server.without_paths(written.text))


def _outputs(session: Session, node: str) -> Iterator[tuple[str, str]]:
    """Yield the node and output of each result. Raises: MissingNode."""
    if not node:
        yield from ends(session, [*session.graph.nodes])
    elif node not in session.graph:
        raise MissingNode(f"there is no node `{node}`", node=node)
    else:
        for output in session.graph.node_type(node).spec.outputs:
            yield node, output.name


def _answer(type_: str, node: str, output: str, value: Any) -> ResultAnswer:
    images = [f"{BASE}/images/{ref.name}" for ref in _images(value)]
    return ResultAnswer(node=node, type=type_, output=output, value=public_value(value), images=images)


def _images(value: Any) -> Iterator[ImageRef]:
    if isinstance(value, ImageRef):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _images(item)
