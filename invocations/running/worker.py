"""The main loop of a worker: run the steps of the tasks that a coordinator gives, and tell what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from invocations.context import Services
from invocations.errors import Cancelled
from invocations.events import Event, NodeError, NodeProgress
from invocations.sessions.session import Session

from .base import Catalog
from .context import StepContext
from .failures import describe
from .inline import Classes, perform_and_store
from .session_context import SessionContext
from .task import (
    StepClaimed,
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStarted,
    StepStopped,
    StepTold,
    TaskStep,
    WorkerTask,
    task_from_json,
)

PROGRESS_S = 0.1
IDLE_S = 60.0  # seconds without a task after which unused models are looked for


class WorkerLoop:
    """Runs tasks one after another.

    worker: the id of the worker. send: sends JSON data to the coordinator. read_session: reads a session from the
    store. clock: returns seconds. progress_s: the seconds between two progress events of a step that are sent
    """

    def __init__(
        self,
        worker: str,
        services: Services,
        catalog: Catalog,
        send: Callable[[Mapping[str, Any]], None],
        read_session: Callable[[str], Session] | None = None,
        clock: Callable[[], float] = time.perf_counter,
        progress_s: float = PROGRESS_S,
    ) -> None:
        self._worker = worker
        self._services = services
        self._catalog = catalog
        self._send = send
        self._read_session = read_session
        self._clock = clock
        self._progress_s = progress_s
        self._classes: Classes = {}
        self._tasks: SimpleQueue[WorkerTask | None] = SimpleQueue()
        self._accepted: SimpleQueue[None] = SimpleQueue()  # claims that the coordinator has recorded
        self._cancelled: set[int] = set()
        self._ends = False
        self._sent = 0.0  # when the latest progress event was sent

    def hear(self, data: Mapping[str, Any]) -> None:
        """Take a task, the number of a task to cancel, or that a claim is recorded; called in another thread."""
        if "task" in data:
            self._tasks.put(task_from_json(data["task"]))
        elif "cancel" in data:
            self._cancelled.add(data["cancel"])
        else:
            self._accepted.put(None)

    def end(self) -> None:
        """Stop the step that is running and end the loop; called in another thread than `run`."""
        self._ends = True
        self._accepted.put(None)
        self._tasks.put(None)

    def run(self) -> None:
        """Run tasks until `end` is called."""
        while True:
            try:
                task = self._tasks.get(timeout=IDLE_S)
            except Empty:
                self._services.free_idle()
                continue
            if task is None:
                return
            self.do(task)

    def do(self, task: WorkerTask) -> None:
        """Run the steps of a task, and tell what becomes of them."""
        for number, step in enumerate(task.steps):
            self._tell(self._done(task, number, step))
        self._cancelled.discard(task.number)

    def _done(self, task: WorkerTask, number: int, step: TaskStep) -> StepTold:
        """Run a step and return what became of it."""
        place = (self._worker, task.number, task.attempt, number)
        started = self._clock()
        self._sent = started - self._progress_s

        spec = self._catalog.spec(step.type)
        if spec is None or spec.version != step.version:
            known = f"version {spec.version}" if spec is not None else "no version"
            message = f"the worker knows {known} of `{step.type}`, not {step.version}"
            return StepFailed(*place, NodeError("UnknownType", message, "unknown_type", "", step.inputs))
        context = self._context(task, step, place)
        try:
            if context.cancelled():
                return StepStopped(*place)
            self._tell(StepStarted(*place))
            made = perform_and_store(
                spec, step.inputs, context, services=self._services, catalog=self._catalog, classes=self._classes
            )  # fmt: skip
        except Cancelled:
            return StepStopped(*place)
        seconds = self._clock() - started
        if isinstance(made, NodeError):
            return StepFailed(*place, made, seconds)
        return StepFinished(*place, *made, seconds)

    def _context(self, task: WorkerTask, step: TaskStep, place: tuple[str, int, int, int]) -> StepContext:
        """Return the context of a step, with its session if the task says so."""

        def emit(event: Event) -> None:
            if not isinstance(event, NodeProgress) or self._is_due(event):
                self._tell(StepEmitted(*place, event))

        def claim(target: str) -> None:
            self._tell(StepClaimed(*place, target))
            self._accepted.get()

        where = (step.node_id, step.type, step.path)
        how: Any = {
            "services": self._services, "emit": emit,
            "is_cancelled": lambda: self._ends or task.number in self._cancelled,
        }  # fmt: skip
        if task.reads_session and self._read_session is not None:
            session = self._read_session(task.session_id)
            return SessionContext(session, *where, claim=claim, catalog=self._catalog, **how)
        return StepContext(task.session_id, *where, separate=step.separate, **how)

    def _is_due(self, event: NodeProgress) -> bool:
        """Return True if a progress event is to be sent: the first, the last, and at most ten a second between."""
        now = self._clock()
        if event.step < event.of and now - self._sent < self._progress_s:
            return False
        self._sent = now
        return True

    def _tell(self, told: StepTold) -> None:
        try:
            self._send(told.to_json())
        except (TypeError, ValueError) as error:  # an output that is not JSON data
            place = (told.worker, told.number, told.attempt, told.step)
            self._send(StepFailed(*place, describe(error, {})).to_json())
