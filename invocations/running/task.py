"""The messages between a coordinator and its workers, as JSON data: tasks (`WorkerTask`) and reports (`WorkerReport`).

A step is one run of a node. A task is one step, or several steps of one class that run as a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, ClassVar, TypeVar

from invocations.cache.base import CachedResult
from invocations.events import Event, NodeError, NodeProgress, Path, error_from_json, event_from_json
from invocations.frozen import frozen
from invocations.values import mapping_from_json, to_json

from .meter import NOTHING, Used
from .previews import preview_from_text, preview_to_text


@frozen
class TaskStep:
    """A step of a task; `separate` is what `InvocationContext.items_are_separate` returns to the node."""

    node_id: str
    type: str
    version: str
    path: Path
    inputs: Mapping[str, Any]
    separate: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "inputs": to_json(dict(self.inputs))}


@frozen
class WorkerTask:
    """Steps for a worker; `attempt` counts how often the task was given to a worker, from 1.

    reads_session: whether the worker reads the session from the store, because a step may need it
    """

    number: int
    attempt: int
    session_id: str
    steps: tuple[TaskStep, ...]
    reads_session: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the task as JSON data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "steps": [step.to_json() for step in self.steps]}


def task_from_json(data: Mapping[str, Any]) -> WorkerTask:
    """Read a task from its JSON data, without unknown fields. Raises: KeyError, TypeError, if it is malformed."""
    steps = [
        _checked(TaskStep(**_known(TaskStep, step, path=tuple(step["path"]), inputs=mapping_from_json(step["inputs"]))))
        for step in data["steps"]
    ]
    return _checked(WorkerTask(**_known(WorkerTask, data, steps=tuple(steps))))


_PLAIN: Mapping[str, type] = {"str": str, "int": int, "bool": bool}
Message = TypeVar("Message")


def _known(cls: type[Any], data: Mapping[str, Any], **read: Any) -> dict[str, Any]:
    """Return those items of JSON data that are fields of a class; `read`: values to use instead."""
    return {**{each.name: data[each.name] for each in fields(cls) if each.name in data}, **read}


def _checked(message: Message) -> Message:
    """Return a task or step whose plain fields have the declared types. Raises: TypeError."""
    for each in fields(message):  # type: ignore[arg-type] # only called for dataclasses
        value = getattr(message, each.name)
        items = value if each.name == "path" else (value,)
        wanted = int if each.name == "path" else _PLAIN.get(str(each.type))
        if wanted is not None and any(type(item) is not wanted for item in items):
            raise TypeError(f"`{each.name}` of a task cannot be {value!r:.40}")
    return message


@frozen
class WorkerInfo:
    """A worker that is ready.

    device: as torch names it. computing: what its results depend on, such as versions
    """

    id: str
    device: str = ""
    pid: int = 0
    host: str = ""
    computing: Mapping[str, str] = field(default_factory=dict)


@frozen
class WorkerReport:
    """Base class of the reports of a worker; `worker` is the worker's id."""

    kind: ClassVar[str] = "report"

    worker: str

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON data, with its name as `report`."""
        data = {each.name: _to_json(getattr(self, each.name)) for each in fields(self)}
        return {"report": self.kind, **data}


@frozen
class Joined(WorkerReport):
    """A worker is ready for a task, for the first time or after it was started again."""

    kind: ClassVar[str] = "joined"

    info: WorkerInfo


@frozen
class StepReport(WorkerReport):
    """Base class of the reports on a step of a task; `step` is its number, from 0."""

    kind: ClassVar[str] = "answer"

    number: int
    attempt: int
    step: int


@frozen
class StepStarted(StepReport):
    """A worker starts to run a step: if the worker ends now, the step may be the reason."""

    kind: ClassVar[str] = "started"


@frozen
class StepEmitted(StepReport):
    """A step emitted an event."""

    kind: ClassVar[str] = "emitted"

    event: Event


@frozen
class StepClaimed(StepReport):
    """A step is about to write a file (`target`), and waits until this is recorded."""

    kind: ClassVar[str] = "claimed"

    target: str


@frozen
class StepFinished(StepReport):
    """A step has a result; `seconds` is how long it took."""

    kind: ClassVar[str] = "finished"

    result: CachedResult
    used: Used = NOTHING
    seconds: float = 0.0


@frozen
class StepFailed(StepReport):
    """A step failed after `seconds`."""

    kind: ClassVar[str] = "failed"

    error: NodeError
    seconds: float = 0.0


@frozen
class StepStopped(StepReport):
    """A step was cancelled."""

    kind: ClassVar[str] = "stopped"


@frozen
class StepReturned(StepReport):
    """The worker does not run a step that it was given, for example because others are waiting for it."""

    kind: ClassVar[str] = "returned"


@frozen
class Lost(WorkerReport):
    """A worker ended; what it was doing may have run. `why` describes its end."""

    kind: ClassVar[str] = "lost"

    why: str


@frozen
class LeftOut(WorkerReport):
    """A worker gets no more tasks in this run, because it cannot start or ends again and again.

    why: "" if there is nothing to report. is_usual: whether this is reported only with -v.
    """

    kind: ClassVar[str] = "left_out"

    why: str
    is_usual: bool = False


_ALL: Mapping[str, type[Any]] = {
    cls.kind: cls
    for cls in (
        Joined, StepStarted, StepEmitted, StepClaimed, StepFinished, StepFailed, StepStopped, StepReturned, Lost,
        LeftOut,
    )
}  # fmt: skip


def report_from_json(data: Mapping[str, Any]) -> WorkerReport:
    """Read the report of a worker from its JSON data, without unknown fields.

    Raises: KeyError, TypeError, if it is malformed.
    """
    cls = _ALL[data["report"]]
    report: WorkerReport = cls(**{key: _READ.get(key, _same)(value) for key, value in _known(cls, data).items()})
    return report


def _to_json(value: Any) -> Any:
    if isinstance(value, NodeProgress) and value.preview is not None:
        return {**value.to_json(), "preview": preview_to_text(value.preview)}
    if isinstance(value, (Event, NodeError)):
        return value.to_json()
    if isinstance(value, CachedResult):
        return {"outputs": to_json(dict(value.outputs)), "facts": to_json(dict(value.facts))}
    if isinstance(value, (Used, WorkerInfo)):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    return value


def _event(data: dict[str, Any]) -> Event:
    preview = data.pop("preview", None)
    read = event_from_json(data)
    if preview is None or not isinstance(read, NodeProgress):
        return read
    return NodeProgress(
        read.session_id, read.node_id, read.node_type, read.path, read.time, read.step, read.of,
        preview_from_text(preview),
    )  # fmt: skip


def _info(data: dict[str, Any]) -> WorkerInfo:
    return WorkerInfo(**_known(WorkerInfo, data))


def _result(data: dict[str, Any]) -> CachedResult:
    return CachedResult(mapping_from_json(data["outputs"]), mapping_from_json(data["facts"]))


def _same(value: Any) -> Any:
    return value


def _used(data: dict[str, Any]) -> Used:
    return Used(**_known(Used, data))


_READ = {"event": _event, "error": error_from_json, "info": _info, "result": _result, "used": _used}
