"""The reports of workers to their coordinator, as JSON data."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, ClassVar

from invocations.cache.base import CachedResult
from invocations.events import Event, NodeError, NodeProgress, error_from_json, event_from_json
from invocations.frozen import frozen
from invocations.previews import preview_from_bytes, preview_to_bytes
from invocations.running.meter import NOTHING, Used
from invocations.values import mapping_from_json, to_json

from .task import known_fields


@frozen
class WorkerInfo:
    """A worker that is ready.

    device: as torch names it. computing: what its results depend on, such as versions. room: the bytes that models may
    take there; 0 if not known
    """

    id: str
    device: str = ""
    pid: int = 0
    host: str = ""
    computing: Mapping[str, str] = field(default_factory=dict)
    room: int = 0


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
class WorkerStarting(WorkerReport):
    """A worker is being started."""

    kind: ClassVar[str] = "worker_starting"


@frozen
class WorkerImporting(WorkerReport):
    """A worker is importing a large library, or has imported it (`library` is "")."""

    kind: ClassVar[str] = "worker_importing"

    library: str


@frozen
class WorkerReady(WorkerReport):
    """A worker is ready for a task, for the first time or after it was started again."""

    kind: ClassVar[str] = "worker_ready"

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
class WorkerLost(WorkerReport):
    """A worker ended; what it was doing may have run. `why` describes its end."""

    kind: ClassVar[str] = "worker_lost"

    why: str


@frozen
class WorkerExcluded(WorkerReport):
    """A worker gets no more tasks in this run, because it cannot start or ends again and again.

    why: "" if there is nothing to report. is_expected: whether this is reported only with -v.
    """

    kind: ClassVar[str] = "worker_excluded"

    why: str
    is_expected: bool = False


_ALL: Mapping[str, type[Any]] = {
    cls.kind: cls
    for cls in (
        WorkerStarting, WorkerImporting, WorkerReady, StepStarted, StepEmitted, StepClaimed, StepFinished, StepFailed,
        StepStopped, StepReturned, WorkerLost, WorkerExcluded,
    )
}  # fmt: skip


def report_from_json(data: Mapping[str, Any]) -> WorkerReport:
    """Read the report of a worker from its JSON data, without unknown fields.

    Raises: KeyError, TypeError, if it is malformed.
    """
    cls = _ALL[data["report"]]
    report: WorkerReport = cls(**{key: _READ.get(key, _same)(value) for key, value in known_fields(cls, data).items()})
    return report


def _to_json(value: Any) -> Any:
    if isinstance(value, NodeProgress) and value.preview is not None:
        return {**value.to_json(), "preview": b64encode(preview_to_bytes(value.preview)).decode("ascii")}
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
        preview_from_bytes(b64decode(preview)),
    )  # fmt: skip


def _info(data: dict[str, Any]) -> WorkerInfo:
    return WorkerInfo(**known_fields(WorkerInfo, data))


def _result(data: dict[str, Any]) -> CachedResult:
    return CachedResult(mapping_from_json(data["outputs"]), mapping_from_json(data["facts"]))


def _same(value: Any) -> Any:
    return value


def _used(data: dict[str, Any]) -> Used:
    return Used(**known_fields(Used, data))


_READ = {"event": _event, "error": error_from_json, "info": _info, "result": _result, "used": _used}
