"""The main loop of a worker: run the steps of the tasks that a coordinator sends, and report their outcomes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf
from queue import Empty, SimpleQueue
from typing import Any

from invocations.context import Services
from invocations.errors import Cancelled
from invocations.events import Event, NodeError, NodeProgress
from invocations.running.base import Catalog
from invocations.running.context import StepContext
from invocations.running.failures import describe
from invocations.running.inline import Classes, Made, perform_and_store, stored
from invocations.running.inline_batch import perform_batch
from invocations.running.session_context import SessionContext
from invocations.sessions.session import Session

from .reports import StepClaimed, StepEmitted, StepFailed, StepFinished, StepReport, StepStarted, StepStopped
from .task import ON, TaskStep, WorkerTask, task_from_json

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
        self._previews, self._previews_of = "", 0  # of the latest task: see `WorkerTask`
        self._sent: dict[int, float] = {}  # when the latest progress event of each step of the task was sent

    def receive(self, data: Mapping[str, Any]) -> None:
        """Take a task, the number of a task to cancel, whether previews are wanted, or that a claim is recorded.

        It is called in another thread.
        """
        if "task" in data:
            task = task_from_json(data["task"])
            self.note_previews(task)
            self._tasks.put(task)
        elif "cancel" in data:
            self._cancelled.add(data["cancel"])
        elif "previews" in data:
            self._previews = data["previews"]
        else:
            self._accepted.put(None)

    def note_previews(self, task: WorkerTask) -> None:
        """Take over whether the steps of a task make previews, unless a later message has changed it already."""
        if self._previews_of != task.number:
            self._previews, self._previews_of = task.previews, task.number

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
        """Run the steps of a task, several at once, and report their outcomes."""
        self._sent.clear()
        self.note_previews(task)
        left = dict.fromkeys(range(len(task.steps)), 0)
        is_batch = len(left) > 1 and self._unknown(task.steps[0]) is None
        for number, most in (self._done_at_once(task) if is_batch else left).items():
            self._report(self._done(task, number, most, begun=is_batch))
        self._cancelled.discard(task.number)

    def _done_at_once(self, task: WorkerTask) -> dict[int, int]:
        """Run the steps of a task at once; return those that have to run alone, each with `BatchPart.most`."""
        spec = self._catalog.spec(task.steps[0].type)
        assert spec is not None
        numbers, left = range(len(task.steps)), dict[int, int]()
        steps = [(task.steps[number].inputs, self._context(task, number)) for number in numbers]
        done: set[int] = set()
        try:
            for number in numbers:
                self._begin(task, number)
            for part in perform_batch(spec, steps, self._services, self._catalog, self._clock):
                done.add(part.number)
                if part.made is None:
                    left[part.number] = part.most
                    continue
                made = stored(self._services, part.made, task.steps[part.number].inputs)
                self._report(self._outcome(task, part.number, made, part.seconds, part.most))
        except Cancelled:
            for number in numbers:
                if number not in done:
                    self._report(StepStopped(*self._place(task, number)))
        return left

    def _done(self, task: WorkerTask, number: int, most: int, *, begun: bool) -> StepReport:
        """Run a step and return what became of it; if it has `begun`, its start was reported."""
        step, started = task.steps[number], self._clock()
        refused = self._unknown(step)
        if refused is not None:
            return StepFailed(*self._place(task, number), refused)
        spec = self._catalog.spec(step.type)
        assert spec is not None
        try:
            self._begin(task, number, reports=not begun)
            made = perform_and_store(
                spec, step.inputs, self._context(task, number), services=self._services, catalog=self._catalog,
                classes=self._classes,
            )  # fmt: skip
        except Cancelled:
            return StepStopped(*self._place(task, number))
        return self._outcome(task, number, made, self._clock() - started, most)

    def _place(self, task: WorkerTask, number: int) -> tuple[str, int, int, int]:
        return self._worker, task.number, task.attempt, number

    def _begin(self, task: WorkerTask, number: int, *, reports: bool = True) -> None:
        """Report that a step starts, unless it was reported. Raises: Cancelled."""
        if self._is_cancelled(task):
            raise Cancelled
        if reports:
            self._report(StepStarted(*self._place(task, number)))

    def _is_cancelled(self, task: WorkerTask) -> bool:
        return self._ends or task.number in self._cancelled

    def _outcome(self, task: WorkerTask, number: int, made: Made, seconds: float, most: int) -> StepReport:
        place = self._place(task, number)
        if isinstance(made, NodeError):
            return StepFailed(*place, made, seconds)
        result, used = made
        return StepFinished(*place, result, replace(used, most=most) if most else used, seconds)

    def _unknown(self, step: TaskStep) -> NodeError | None:
        """Return why a step cannot run here: the worker does not have its node in this version."""
        spec = self._catalog.spec(step.type)
        if spec is not None and spec.version == step.version:
            return None
        message = f"the worker does not have `{step.type}`"
        if spec is not None:
            message = f"the worker has version {spec.version} of `{step.type}`, not {step.version}"
        return NodeError("UnknownType", message, "unknown_type", "", step.inputs)

    def _context(self, task: WorkerTask, number: int) -> StepContext:
        """Return the context of a step, with its session if the task says so."""
        step, place = task.steps[number], self._place(task, number)

        def emit(event: Event) -> None:
            if not isinstance(event, NodeProgress):
                self._send(StepEmitted(*place, event).to_json())
            elif event.preview is not None or self._is_due(number, event):
                with suppress(Exception):  # a plug-in may count with numbers, or show previews, that cannot be sent
                    self._send(StepEmitted(*place, event).to_json())

        def claim(target: str) -> None:
            self._report(StepClaimed(*place, target))
            self._accepted.get()

        where = (step.node_id, step.type, step.path)
        how: Any = {"services": self._services, "emit": emit, "is_cancelled": lambda: self._is_cancelled(task)}
        if task.previews:
            how["previews"] = lambda: self._previews == ON
        if task.reads_session and self._read_session is not None:
            session = self._read_session(task.session_id)
            return SessionContext(session, *where, claim=claim, catalog=self._catalog, **how)
        return StepContext(task.session_id, *where, separate=step.separate, **how)

    def _is_due(self, number: int, event: NodeProgress) -> bool:
        """Return True if a progress event is to be sent: the first, the last, and at most ten a second between."""
        now = self._clock()
        if event.step < event.of and now - self._sent.get(number, -inf) < self._progress_s:
            return False
        self._sent[number] = now
        return True

    def _report(self, report: StepReport) -> None:
        try:
            self._send(report.to_json())
        except (TypeError, ValueError, RecursionError) as error:  # an output that is not JSON data
            place = (report.worker, report.number, report.attempt, report.step)
            self._send(StepFailed(*place, describe(error, {})).to_json())
