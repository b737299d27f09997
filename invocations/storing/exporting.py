"""Export a session as one JSON document with its graph, lines, results and errors; `importing.py` reads it."""

from __future__ import annotations

from typing import Any, Final

from invocations import values
from invocations.events import Event, LogMessage, NodeFailed, NodeFinished, NodeSkipped
from invocations.sessions.session import Key, Session

from .entries import stage_to_json

NAME: Final = "session-export"
VERSION: Final = 1
SCHEMA: Final = f"{NAME}/{VERSION}"


def document_of(session: Session) -> dict[str, Any]:
    """Return the current state of a session, without cleared errors and dropped results."""
    with session.lock:  # it may be running
        return _document_of(session)


def _document_of(session: Session) -> dict[str, Any]:
    graph = session.graph
    by_line: dict[int, list[str]] = {}
    for id_ in graph.nodes:
        line = session.line_of(id_)
        if line is not None:
            by_line.setdefault(line.number, []).append(id_)
    return {
        "schema": SCHEMA,
        "id": session.id,
        "created": session.created,
        "lines": [
            {
                "number": line.number,
                "line": line.text,
                "source": line.source,
                "started": line.started,
                "seconds": line.seconds,
                "outcome": line.outcome,
                "nodes": by_line.get(line.number, []),
            }
            for line in session.lines
        ],
        "stages": [stage_to_json(stage) for stage in session.stages],
        "graph": graph.to_json(),
        **_outcomes(session),
    }


def _outcomes(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Return results, errors, skipped nodes and messages.

    If a node ran more than once, only the outcome of its last run is included.
    """
    finished: dict[Key, NodeFinished] = {}
    failed: dict[Key, NodeFailed] = {}
    skipped: dict[Key, NodeSkipped] = {}
    messages: list[LogMessage] = []
    for event in session.history:
        key = (event.node_id, event.path)
        if isinstance(event, NodeFinished) and key in session.results:
            finished[key] = event
        elif isinstance(event, NodeFailed) and key in session.errors:
            failed[key] = event
        elif isinstance(event, NodeSkipped) and key in session.skipped:
            skipped[key] = event
        elif isinstance(event, LogMessage):
            messages.append(event)
    return {
        "results": [
            {
                **_place(event),
                "outputs": values.to_json(dict(event.outputs)),
                "seconds": event.seconds,
                "reused": event.reused,
                "facts": values.to_json(dict(event.facts)),
                "bytes": [event.peak_bytes, event.grown_bytes, event.device_bytes],
            }
            for event in finished.values()
        ],
        "errors": [
            {**_place(event), "seconds": event.seconds, "error": event.error.to_json()} for event in failed.values()
        ],
        "skipped": [{**_place(event), "reason": event.reason} for event in skipped.values()],
        "messages": [{**_place(event), "message": event.message} for event in messages],
    }


def _place(event: Event) -> dict[str, Any]:
    return {"node": event.node_id, "path": list(event.path), "time": event.time}
