"""The events of a server's session as reports on the steps of a task, with the ids that the nodes have here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from invocations.cache.base import CachedResult
from invocations.events import (
    Event,
    LogMessage,
    ModelLoadFinished,
    ModelLoadStarted,
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
from invocations.running.workers.task import WorkerTask
from invocations.services.errors import ServiceError

from .images import TravelingImages

WORKER: Final = "server"
PASSED_ON: Final = (NodeProgress, ModelLoadStarted, ModelLoadFinished, LogMessage, NodeRetried)
OWN_FIELDS: Final = frozenset({"number", "epoch"})  # of the feed, not of the event
SEED: Final = "seed"
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
        own, node = {name: value for name, value in data.items() if name not in OWN_FIELDS}, task.steps[step]
        own |= {"session_id": task.session_id, "node_id": node.node_id, "node_type": node.type, "path": [*node.path]}
        if isinstance(own.get("outputs"), Mapping):
            own["outputs"] = {name: read_value(value) for name, value in own["outputs"].items()}
        try:
            return event_from_json(own)
        except (KeyError, TypeError, ValueError) as error:
            if data.get("event") not in (NodeFinished.event, NodeFailed.event):
                return None
            message = f"what the server says about `{node.type}` cannot be read"
            raise ServiceError(message, "use the same version of `invokeai` there", code="server_refused") from error


def _with_seeds(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with integers for seeds, which are strings in JSON if they are large."""
    return {name: _seed(value) if name.endswith(SEED) else value for name, value in facts.items()}


def _seed(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and int(value) > MAX_SAFE_INTEGER:
        return int(value)
    return value
