"""Convert log entries to and from JSON data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from invocations import values
from invocations.errors import SessionDamaged
from invocations.events import LogMessage, NodeFailed, NodeFinished, NodeSkipped, event_from_json
from invocations.graph.node import Edge, Node
from invocations.graph.node_type import Specs
from invocations.sessions.journal import Began
from invocations.sessions.session import (
    Claimed,
    Extension,
    Forgotten,
    JournalEntry,
    LineEnded,
    Retried,
    Session,
    SessionStage,
)


def entry_to_json(entry: JournalEntry) -> dict[str, Any]:
    """Return an entry as JSON data, without the session's id."""
    if isinstance(entry, NodeFinished):
        data: dict[str, Any] = {"entry": "finished", "node": entry.node_id, "type": entry.node_type}
        if entry.path:
            data["path"] = entry.path
        data.update(time=entry.time, outputs=values.to_json(entry.outputs), seconds=entry.seconds)
        if entry.reused:
            data["reused"] = True
        if entry.peak_bytes:
            data["bytes"] = [entry.peak_bytes, entry.grown_bytes, entry.device_bytes]
        if entry.worker or entry.queue_seconds:
            data["worker"] = [entry.worker, entry.device, round(entry.queue_seconds, 4)]
        if entry.load_seconds:
            data["load_seconds"] = round(entry.load_seconds, 4)
        if entry.batch != 1:
            data["batch"] = entry.batch
        if entry.facts:
            data["facts"] = values.to_json(entry.facts)
        return data
    if isinstance(entry, Extension):
        return _extension_to_json(entry)
    if isinstance(entry, LineEnded):
        return {"entry": "line_ended", "number": entry.number, "seconds": entry.seconds, "outcome": entry.outcome}
    if isinstance(entry, Retried):
        return {"entry": "retried", "time": entry.time, "forgive": entry.retry_quarantined}
    if isinstance(entry, Forgotten):
        data = {"entry": "forgotten", "nodes": list(entry.nodes)}
        if entry.results is not None:
            data["results"] = [[id_, list(path)] for id_, path in entry.results]
        return data
    if isinstance(entry, (Began, Claimed)):
        return _started_to_json(entry)
    data = {"entry": "event", **entry.to_json()}
    del data["session_id"]
    return data


def entry_from_json(data: Mapping[str, Any], session_id: str) -> JournalEntry:
    """Read an entry from JSON data. Raises: KeyError, TypeError, ValueError, if it is malformed."""
    kind = data["entry"]
    if kind == "finished":
        return NodeFinished(
            session_id,
            data["node"],
            data["type"],
            tuple(data.get("path", ())),
            data["time"],
            values.mapping_from_json(data["outputs"]),
            data["seconds"],
            data.get("reused", False),
            values.mapping_from_json(data.get("facts", {})),
            *_work_of(data),
        )
    if kind == "extension":
        return _extension_from_json(data)
    if kind == "line_ended":
        return LineEnded(data["number"], data["seconds"], data["outcome"])
    if kind == "retried":
        return Retried(data["time"], data.get("forgive", False))
    if kind == "forgotten":
        keys = data.get("results")
        results = None if keys is None else tuple((id_, tuple(path)) for id_, path in keys)
        return Forgotten(tuple(data["nodes"]), results)
    if kind == "claimed":
        return Claimed(data["node"], tuple(data.get("path", ())), data["target"])
    if kind == "started":
        return Began(data["node"], data["type"], tuple(data.get("path", ())), data["time"], data.get("boot", ""))
    event = event_from_json({**{key: value for key, value in data.items() if key != "entry"}, "session_id": session_id})
    if not isinstance(event, (NodeFailed, NodeSkipped, LogMessage)):
        raise ValueError(f"unknown log entry `{kind}`")
    return event


def _work_of(data: Mapping[str, Any]) -> Sequence[Any]:
    """Return the fields about memory, worker and times; those that are missing have their default values."""
    memory, worker = data.get("bytes", (0, 0, 0)), data.get("worker", ("", "", 0.0))
    return *memory, *worker, data.get("load_seconds", 0.0), data.get("batch", 1)


def _started_to_json(entry: Began | Claimed) -> dict[str, Any]:
    if isinstance(entry, Claimed):
        data: dict[str, Any] = {"entry": "claimed", "node": entry.node_id, "target": entry.target}
    else:
        data = {"entry": "started", "node": entry.node_id, "type": entry.node_type, "time": entry.time}
        if entry.boot:
            data["boot"] = entry.boot
    if entry.path:
        data["path"] = entry.path
    return data


def _extension_to_json(entry: Extension) -> dict[str, Any]:
    data: dict[str, Any] = {"entry": "extension", "time": entry.time, "nodes": [node.to_json() for node in entry.nodes]}
    if entry.edges:
        data["edges"] = [[edge.source, edge.output, edge.target, edge.input] for edge in entry.edges]
    if entry.stages:
        data["stages"] = [stage_to_json(stage) for stage in entry.stages]
    if entry.line or entry.source:
        data.update(line=entry.line, source=entry.source)
    return data


def _extension_from_json(data: Mapping[str, Any]) -> Extension:
    return Extension(
        nodes=tuple(Node(each["id"], each["type"], values.mapping_from_json(each["inputs"])) for each in data["nodes"]),
        edges=tuple(Edge(*each) for each in data.get("edges", ())),
        stages=tuple(stage_from_json(each) for each in data.get("stages", ())),
        line=data.get("line", ""),
        source=data.get("source", ""),
        time=data["time"],
    )


def stage_to_json(stage: SessionStage) -> dict[str, Any]:
    """Return a stage as JSON data."""
    return {
        "number": stage.number,
        "command": stage.command,
        "name": stage.name,
        "line": stage.line,
        "nodes": list(stage.nodes),
        "outputs": {name: list(where) for name, where in stage.outputs.items()},
        "primary": list(stage.primary) if stage.primary else None,
    }


def stage_from_json(data: Mapping[str, Any]) -> SessionStage:
    """Read a stage from JSON data. Raises: KeyError, TypeError, ValueError, if it is malformed."""
    return SessionStage(
        number=data["number"],
        command=data["command"],
        name=data["name"],
        line=data["line"],
        nodes=tuple(data["nodes"]),
        outputs={name: (where[0], where[1]) for name, where in data["outputs"].items()},
        primary=(data["primary"][0], data["primary"][1]) if data["primary"] else None,
    )


def session_to_json(session: Session) -> dict[str, Any]:
    """Return a session as JSON data."""
    return {"id": session.id, "created": session.created, "log": [entry_to_json(entry) for entry in session.log]}


def session_from_json(data: Mapping[str, Any], specs: Specs) -> Session:
    """Read a session from JSON data. Raises: SessionDamaged, GraphError."""
    try:
        session = Session(data["id"], data["created"], specs)
        entries = [entry_from_json(each, session.id) for each in data["log"]]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise SessionDamaged(str(data.get("id", "")), f"not a session: {error!r}") from error
    for entry in entries:
        session.apply(entry)
    session.expansion.advance()
    return session
