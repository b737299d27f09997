"""The events of a run as frozen data. They are the only output of a run, whether it is shown in a terminal, as JSON or
on the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from invocations.frozen import frozen

from . import values

Path = tuple[int, ...]  # the index in each loop around a node, outermost first; () outside loops


@frozen
class NodeError:
    """Why a node failed; `inputs` are its inputs, `trace` is the traceback of an unexpected error."""

    type: str
    message: str
    code: str = "node_failed"
    hint: str = ""
    inputs: Mapping[str, Any] | None = None
    trace: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the error as JSON data."""
        return {field.name: values.to_json(getattr(self, field.name)) for field in fields(self)}


@frozen
class Event:
    """Base class of events; `time` is in seconds since 1970, `node_id` is "" for events about the whole session."""

    event: ClassVar[str] = "event"

    session_id: str
    node_id: str
    node_type: str
    path: Path
    time: float

    def to_json(self) -> dict[str, Any]:
        """Return the event as JSON data, with its name as `event` and without a preview."""
        data: dict[str, Any] = {"event": self.event}
        for field in fields(self):
            if field.name != "preview":
                value = getattr(self, field.name)
                data[field.name] = value.to_json() if isinstance(value, NodeError) else values.to_json(value)
        return data


@frozen
class NodeStarted(Event):
    """A node started; in a loop, this is run `iteration` (from 1) of `iterations`, or of 0 if their number is not known
    yet.

    ended: how many of these runs have ended, or cannot begin because an earlier node failed
    """

    event: ClassVar[str] = "node_started"

    iteration: int = 1
    iterations: int = 1
    ended: int = 0


@frozen
class NodeProgress(Event):
    """A node has finished step `step` of `of`; `preview` is a small image of the intermediate result."""

    event: ClassVar[str] = "node_progress"

    step: int
    of: int
    preview: Any = None


@frozen
class NodeFinished(Event):
    """A node has finished; `reused` is True if its outputs come from the cache."""

    event: ClassVar[str] = "node_finished"

    outputs: Mapping[str, Any]
    seconds: float
    reused: bool
    facts: Mapping[str, Any]  # values that the node chose for inputs that had none, such as steps, seed or scheduler
    peak_bytes: int = 0  # peak memory of the process while the node ran; 0 if not measured
    grown_bytes: int = 0  # by how much the peak exceeds the memory in use before the node ran
    device_bytes: int = 0  # peak memory on graphics cards
    worker: str = ""  # the worker that ran the node; "" for this process
    device: str = ""  # the worker's device
    queue_seconds: float = 0.0  # how long the node waited for a worker
    load_seconds: float = 0.0  # how long it took to load models, which `seconds` includes
    batch: int = 1  # how many nodes ran at once


@frozen
class NodeFailed(Event):
    """A node failed."""

    event: ClassVar[str] = "node_failed"

    error: NodeError
    seconds: float


@frozen
class NodeRetried(Event):
    """A node failed and runs again in a different way; `reason` says why and how."""

    event: ClassVar[str] = "node_retried"

    reason: str


@frozen
class NodeSkipped(Event):
    """A node did not run, because it was "not chosen" by an `if` or because an ancestor failed."""

    event: ClassVar[str] = "node_skipped"

    reason: str


@frozen
class ModelLoadStarted(Event):
    """Loading a part of a model has started."""

    event: ClassVar[str] = "model_load_started"

    model: str
    part: str


@frozen
class ModelLoadFinished(Event):
    """A part of a model has been loaded."""

    event: ClassVar[str] = "model_load_finished"

    model: str
    part: str
    seconds: float


@frozen
class LogMessage(Event):
    """A message from a node."""

    event: ClassVar[str] = "log"

    message: str
    warning: bool = False  # whether the message is shown even without -v, as a warning
    note: bool = False  # whether the message is shown even without -v, as a note


@frozen
class SessionFinished(Event):
    """Every node that was ready has run."""

    event: ClassVar[str] = "session_finished"

    seconds: float


@frozen
class SessionFailed(Event):
    """Every node that could run has run; `failed` lists the nodes that failed."""

    event: ClassVar[str] = "session_failed"

    seconds: float
    failed: tuple[str, ...]


@frozen
class SessionCancelled(Event):
    """The run was cancelled; finished results are kept.

    items: the number of items of a sweep that was too large to run, or 0
    """

    event: ClassVar[str] = "session_cancelled"

    seconds: float
    items: int = 0


NOT_CHOSEN = "not chosen"

_ALL = {cls.event: cls for cls in Event.__subclasses__()}


def error_from_json(data: Mapping[str, Any]) -> NodeError:
    """Read an error from its JSON data. Raises: TypeError, if it is malformed."""
    inputs = data.get("inputs")
    return NodeError(**{**data, "inputs": None if inputs is None else values.mapping_from_json(inputs)})


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Read an event from its JSON data. Raises: KeyError, TypeError, if it is malformed."""
    found = {key: values.from_json(value) for key, value in data.items() if key != "event"}
    found["path"] = tuple(found["path"])
    if "error" in found:
        found["error"] = NodeError(**found["error"])
    return _ALL[data["event"]](**found)
