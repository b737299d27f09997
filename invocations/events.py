"""What happens while a session runs: frozen events, the only way out for terminal, JSON output and web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from . import values

Path = tuple[int, ...]  # which item of each loop around a node, outermost first; () outside loops


@dataclass(frozen=True, slots=True)
class NodeError:
    """Why a node failed; `inputs` are what it worked on, `trace` the traceback of an error nobody foresaw."""

    type: str
    message: str
    code: str = "node_failed"
    hint: str = ""
    inputs: Mapping[str, Any] | None = None
    trace: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the error as JSON data."""
        return {field.name: values.to_json(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: where and when (seconds since 1970); node_id is "" for what concerns the session."""

    event: ClassVar[str] = "event"

    session_id: str
    node_id: str
    node_type: str
    path: Path
    time: float

    def to_json(self) -> dict[str, Any]:
        """Return the event as JSON data, named by `event`; a preview stays out."""
        data: dict[str, Any] = {"event": self.event}
        for field in fields(self):
            if field.name != "preview":
                value = getattr(self, field.name)
                data[field.name] = value.to_json() if isinstance(value, NodeError) else values.to_json(value)
        return data


@dataclass(frozen=True, slots=True)
class NodeStarted(Event):
    """A node began to work."""

    event: ClassVar[str] = "node_started"


@dataclass(frozen=True, slots=True)
class NodeProgress(Event):
    """A node has done `step` of `of`; `preview` is a small picture of how far it is."""

    event: ClassVar[str] = "node_progress"

    step: int
    of: int
    preview: Any = None


@dataclass(frozen=True, slots=True)
class NodeFinished(Event):
    """A node gave its outputs; `reused` tells that they were taken from an earlier run."""

    event: ClassVar[str] = "node_finished"

    outputs: Mapping[str, Any]
    seconds: float
    reused: bool
    facts: Mapping[str, Any]  # what the node settled for what was left open: steps, seed, scheduler ...
    peak_bytes: int = 0  # the most that the process held while the node worked; 0: not measured
    grown_bytes: int = 0  # how many of them more than before it
    device_bytes: int = 0  # the most on graphics cards


@dataclass(frozen=True, slots=True)
class NodeFailed(Event):
    """A node could not do its work."""

    event: ClassVar[str] = "node_failed"

    error: NodeError
    seconds: float


@dataclass(frozen=True, slots=True)
class NodeRetried(Event):
    """A node could not do its work and begins anew, in another way: `reason` says why and how."""

    event: ClassVar[str] = "node_retried"

    reason: str


@dataclass(frozen=True, slots=True)
class NodeSkipped(Event):
    """A node was not run: "not chosen" by an `if`, or it waits for one that failed."""

    event: ClassVar[str] = "node_skipped"

    reason: str


@dataclass(frozen=True, slots=True)
class ModelLoadStarted(Event):
    """A part of a model is being loaded."""

    event: ClassVar[str] = "model_load_started"

    model: str
    part: str


@dataclass(frozen=True, slots=True)
class ModelLoadFinished(Event):
    """A part of a model is loaded."""

    event: ClassVar[str] = "model_load_finished"

    model: str
    part: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LogMessage(Event):
    """A node said something worth knowing."""

    event: ClassVar[str] = "log"

    message: str


@dataclass(frozen=True, slots=True)
class SessionFinished(Event):
    """All that was ready has run."""

    event: ClassVar[str] = "session_finished"

    seconds: float


@dataclass(frozen=True, slots=True)
class SessionFailed(Event):
    """All that could run has run; `failed` names the nodes that failed."""

    event: ClassVar[str] = "session_failed"

    seconds: float
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionCancelled(Event):
    """The run was cancelled; what had finished is kept."""

    event: ClassVar[str] = "session_cancelled"

    seconds: float


NOT_CHOSEN = "not chosen"

_KEPT = {cls.event: cls for cls in (NodeFinished, NodeFailed, NodeSkipped, LogMessage)}


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Return a kept event from its JSON data. Raises: KeyError, TypeError, if it is none."""
    found = {key: values.from_json(value) for key, value in data.items() if key != "event"}
    found["path"] = tuple(found["path"])
    if "error" in found:
        found["error"] = NodeError(**found["error"])
    return _KEPT[data["event"]](**found)
