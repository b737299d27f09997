"""The events of a server's session as reports on the steps of a task, with the ids that the nodes have here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from invocations.cache.base import CachedResult
from invocations.events import (
    Event,
    LogMessage,
    ModelLoadFinished,
    ModelLoadStarted,
    NodeError,
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeRetried,
    NodeStarted,
    event_from_json,
)
from invocations.graph.exact_integers import MAX_SAFE_INTEGER, read_value
from invocations.running.meter import Used
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepReport,
    StepStarted,
)
from invocations.running.workers.task import WorkerTask, known_fields
from invocations.services.errors import ServiceError
from invocations.values import KINDS

from .images import TravelingImages

WORKER: Final = "server"
PASSED_ON: Final = (NodeProgress, ModelLoadStarted, ModelLoadFinished, LogMessage, NodeRetried)
KNOWN: Final = {cls.event: cls for cls in (NodeStarted, NodeFinished, NodeFailed, *PASSED_ON)}
PATHS: Final = frozenset({"path", "parts"})  # fields of references that contain paths
SEED: Final = "seed"
TYPES: Final[Mapping[str, Any]] = {
    "str": str, "int": int, "float": (int, float), "bool": bool, "Mapping[str, Any]": Mapping
}  # fmt: skip
ENDS: Final = {
    "session_cancelled": ("cancelled", "the server has cancelled the run"),
    "session_finished": ("server_refused", "the server has not run this node"),
    "session_failed": ("server_refused", "the server has not run this node"),
}


class ServerEvents:
    """Reads the events of a server; `images` brings back the images in the outputs of a node."""

    def __init__(self, images: TravelingImages) -> None:
        self._images = images

    def reports(self, data: Mapping[str, Any], task: WorkerTask, step: int | None) -> Iterator[StepReport]:
        """Yield the reports on a step that an event stands for. Raises: ServiceError, if an image cannot be fetched.

        step: the number of the step whose node the event is about, None for any other node
        """
        event = None if step is None else self._event(data, task, step)
        if event is None or step is None:
            return
        where = (WORKER, task.number, task.attempt, step)
        if isinstance(event, NodeStarted):
            yield StepStarted(*where)
        elif isinstance(event, PASSED_ON):
            yield StepEmitted(*where, event)
        elif isinstance(event, NodeFailed):
            yield StepFailed(*where, replace(event.error, inputs=task.steps[step].inputs), event.seconds)
        elif isinstance(event, NodeFinished):
            sent = dict(task.steps[step].inputs)
            outputs = {name: self._images.as_sent(value, sent) for name, value in event.outputs.items()}
            self._images.fetch(outputs)
            used = Used(event.peak_bytes, event.grown_bytes, event.device_bytes, event.load_seconds, event.batch)
            result = CachedResult(outputs, _with_seeds(event.facts))
            yield StepFinished(*where, result, used, event.seconds)

    @staticmethod
    def end_of(data: Mapping[str, Any], *, is_helper: bool) -> ServiceError | None:
        """Return why the steps that are left will not be answered any more, or None if they may be.

        is_helper: whether the event is about a node that was added for a step, such as the one of its model
        """
        kind = data.get("event")
        if kind == NodeFailed.event and is_helper and isinstance(data.get("error"), dict):
            error = data["error"]
            return ServiceError(str(error.get("message")), str(error.get("hint", "")), code=str(error.get("code")))
        if kind in ENDS:
            code, message = ENDS[str(kind)]
            return ServiceError(message, code=code)
        return None

    def _event(self, data: Mapping[str, Any], task: WorkerTask, step: int) -> Event | None:
        """Return an event with the ids of this session, or None if this version does not know it."""
        cls, node = KNOWN.get(str(data.get("event"))), task.steps[step]
        if cls is None:
            return None
        own = {"event": cls.event, **known_fields(cls, data)}  # a later version may send more
        own |= {"session_id": task.session_id, "node_id": node.node_id, "node_type": node.type, "path": [*node.path]}
        for name, read in (("outputs", _outputs), ("error", _error)):
            if isinstance(own.get(name), Mapping):
                own[name] = read(own[name])
        try:
            return _checked(event_from_json(own))
        except (KeyError, TypeError, ValueError) as error:
            if cls not in (NodeFinished, NodeFailed):
                return None
            message = f"what the server says about `{node.type}` cannot be read"
            raise ServiceError(message, "use the same version of `invokeai` there", code="server_refused") from error


def _checked(event: Event) -> Event:
    """Return an event whose fields have the declared types. Raises: TypeError."""
    for field in fields(event):
        wanted = TYPES.get(str(field.type), object)
        if not isinstance(getattr(event, field.name), wanted):
            raise TypeError(f"`{field.name}` of an event cannot be {getattr(event, field.name)!r:.40}")
    return event


def _outputs(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _known(read_value(value)) for name, value in data.items()}


def _error(data: Mapping[str, Any]) -> dict[str, Any]:
    return known_fields(NodeError, data)


def _known(value: Any) -> Any:
    """Return JSON data whose references have only fields that this version knows, and no paths of this machine."""
    if isinstance(value, Mapping):
        cls = KINDS.get(str(value.get("kind")))
        if cls is None:
            return {name: _known(item) for name, item in value.items()}
        return {"kind": cls.kind, **{k: v for k, v in known_fields(cls, value).items() if k not in PATHS}}
    return [*map(_known, value)] if isinstance(value, list) else value


def _with_seeds(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with integers for seeds, which are strings in JSON if they are large."""
    return {name: _seed(value) if name.endswith(SEED) else value for name, value in facts.items()}


def _seed(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and int(value) > MAX_SAFE_INTEGER:
        return int(value)
    return value
