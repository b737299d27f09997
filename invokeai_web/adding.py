"""Add lines and graphs to sessions, together with the items of the queue that run them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invocations.sessions.journal import Extension
from workflows.session_lines import nodes_by_line

from .graph_body import MAX_NODES
from .problem_details import ApiProblem
from .queue_places import with_places
from .session_answers import AddedLine, LineAnswer
from .session_tags import check_match

if TYPE_CHECKING:
    from invocations.graph.node import Edge, Node
    from invocations.queueing.base import QueueItem
    from invocations.sessions.session import Session, SessionLine
    from workflows.planning.plan import Plan

    from .server import Server


def add_line(
    server: Server, session_id: str, line: str, *, run: bool, priority: int = 0, if_match: str | None = None
) -> AddedLine:
    """Plan a line, add it to a session and, with `run`, to the queue: all or nothing.

    Raises: Refusal, SessionMissing, SessionChanged, QueueFull, ApiProblem.
    """
    item: QueueItem | None = None

    def add(plan: Plan) -> None:
        nonlocal item
        if run:
            item = server.coordinator.enqueue_line(
                session_id, lambda new: workspace.add(plan, item=new), priority=priority
            )
        else:
            workspace.add(plan)

    with server.workspace_of(session_id) as workspace:
        check_match(workspace.session, if_match)
        plan = workspace.plan(line)
        if len(plan.nodes) > MAX_NODES:
            raise too_many_nodes(len(plan.nodes))
        warnings = [server.without_paths(each) for each in workspace.warnings(plan)]
        if if_match is not None:
            add(plan)
        else:
            workspace.replanning(plan, add)
        return added_line(server, workspace.session, item, warnings)


def add_nodes(
    server: Server,
    session_id: str,
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    *,
    run: bool = False,
    priority: int = 0,
    if_match: str | None = None,
) -> AddedLine:
    """Add nodes and edges to a session and, with `run`, to the queue: all or nothing.

    Raises: GraphError, SessionMissing, SessionChanged, QueueFull, ApiProblem.
    """
    extension = Extension(tuple(nodes), tuple(edges))
    item = None
    with server.workspace_of(session_id) as workspace:
        check_match(workspace.session, if_match)
        if run:
            item = server.coordinator.enqueue_graph(session_id, extension, priority=priority)
        else:
            server.invoker.extend(session_id, extension)
        workspace.attach(session_id)
        return added_line(server, workspace.session, item, [])


def added_line(server: Server, session: Session, item: QueueItem | None, warnings: list[str]) -> AddedLine:
    """Return the last line of a session as clients receive it."""
    answer = None if item is None else with_places(server, [item])[0]
    [line] = line_answers(server, session, session.lines[-1:])
    return AddedLine(line=line, item=answer, warnings=warnings)


def line_answers(server: Server, session: Session, lines: Sequence[SessionLine]) -> list[LineAnswer]:
    """Return lines of a session as clients receive them."""
    with session.lock:
        nodes = nodes_by_line(session)
    return [
        LineAnswer(
            number=line.number,
            line=server.without_paths(line.text),
            started=line.started,
            seconds=line.seconds,
            outcome=line.outcome,
            nodes=[*nodes.get(line.number, ())],
        )
        for line in lines
    ]


def too_many_nodes(count: int) -> ApiProblem:
    """Return the refusal of a request with too many nodes."""
    message = f"this adds {count} nodes; a request can add at most {MAX_NODES}"
    return ApiProblem(422, "graph_too_large", message, "send several requests")
