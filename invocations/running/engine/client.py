"""The warm engine as the only worker of a run; without an engine, the run does its work in its own process."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final

from invocations.running.meter import Used
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import (
    StepFailed,
    StepFinished,
    StepReturned,
    StepStopped,
    WorkerExcluded,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
    WorkerStarting,
    report_from_json,
)
from invocations.running.workers.task import OFF, ON, WorkerTask
from invocations.spec import InvocationSpec

from .absolute_paths import with_absolute_paths, with_own_paths
from .crashes import CRASHED, Crashes
from .current_task import WORKER, CurrentTask
from .link import EngineLink, NoEngine
from .listening import PlaceTaken
from .messages import LineTooLong

CANCEL_S: Final = 1.0  # how long a cancelled step may take to stop before nobody waits for it any more
START_S: Final = 60.0  # how long an engine may take to start
NOTE_S: Final = 1.0  # how long a task may wait for other clients before a note says so
LONG_LOAD_S: Final = 2.0  # how long a model must take to load before an engine is started automatically
ENDS = "it is ending"


class EngineWorkers(Workers):
    """The engine, to which a run is connected from its first task on.

    mode: auto or on. open_link: connects. start: starts an engine and returns the descriptor of `start_engine`.
    clock: returns seconds. preview_every: number of steps between two previews
    """

    size = 1
    keeps_order = True

    def __init__(
        self,
        mode: str,
        open_link: Callable[[], EngineLink],
        start: Callable[[], int],
        crashes: Crashes,
        *,
        preview_every: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._mode = mode
        self._open_link = open_link
        self._start = start
        self._crashes = crashes
        self._preview_every = preview_every
        self._clock = clock
        self._link: EngineLink | None = None
        self._ready: int | None = None  # the pipe of an engine that is starting
        self._start_by = 0.0
        self._current: CurrentTask | None = None
        self._reports: deque[WorkerReport] = deque()
        self._is_absent = False
        self._is_ending = False  # whether the engine has said that it ends
        self._load_seconds = 0.0

    def title(self, worker: str) -> str:
        return "the warm engine"

    def accepts(self, spec: InvocationSpec) -> bool:
        return spec.needs_model

    def ran_locally(self, used: Used) -> None:
        self._load_seconds += used.load_seconds

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()
        if self._link is not None and not self._link.is_open:
            self._drop()
        if self._link is None and self._ready is None:
            self._connect(may_start=self._mode == "on")
        return [] if self._link is None else [self._info(self._link)]

    def submit(self, worker: str, task: WorkerTask) -> None:
        self._current = CurrentTask(task, len(task.steps), self._clock())
        if self._link is None:  # a cancelled run has disconnected
            self._leave("")
            return
        try:
            self._link.send({"task": with_absolute_paths(task).to_json(), "preview_every": self._preview_every})
        except LineTooLong:
            self._leave("the task is too large for it")

    def next_report(self, seconds: float) -> WorkerReport | None:
        until = self._clock() + seconds
        while not self._reports:
            due = self._on_time()
            if self._reports:
                break
            wait = min([until, *due]) - self._clock()
            self._wait(max(wait, 0.0))
            if self._clock() >= until:
                break
        return self._reports.popleft() if self._reports else None

    def cancel(self, worker: str, number: int) -> None:
        if self._current is not None and self._link is not None:
            self._current.cancelled_at = self._clock()
            self._link.send({"cancel": number})

    def show_previews(self, worker: str, *, wanted: bool) -> None:
        if self._link is not None:
            self._link.send({"previews": ON if wanted else OFF})

    def end_run(self) -> None:
        if self._link is not None:
            self._link.send({"rest": True})

    def kill(self, worker: str) -> None:
        self._stop()

    def close(self) -> None:
        """Disconnect from the engine; if loading models took long and there is none, start one for the next time."""
        self._drop()
        if self._ready is not None:
            os.close(self._ready)
            self._ready = None
        wanted = self._mode == "auto" and self._is_absent and self._load_seconds > LONG_LOAD_S
        if wanted and not self._crashes.are_many:
            with suppress(OSError, PlaceTaken):
                os.close(self._start())
        self._is_absent = False

    def _connect(self, *, may_start: bool) -> None:
        """Connect to the engine, or start one, or report that there is none."""
        try:
            self._link = self._open_link()
            return
        except NoEngine as error:
            self._is_absent, why = error.is_absent, error.why
        if self._is_absent and self._crashes.are_many:
            why = CRASHED
        elif self._is_absent and may_start:
            try:
                self._ready, self._start_by = self._start(), self._clock() + START_S
                self._reports.append(WorkerStarting(WORKER))
                return
            except PlaceTaken as taken:
                why = str(taken)
            except OSError as failed:
                why = f"it cannot start: {(failed.strerror or str(failed)).lower()}"
        self._reports.append(WorkerExcluded(WORKER, why, is_expected=True))

    def _wait(self, seconds: float) -> None:
        """Wait for the engine to say something, or to be ready."""
        source: Any = self._link if self._link is not None else self._ready
        with DefaultSelector() as selector:
            if source is not None:
                selector.register(source, EVENT_READ)
            if not selector.select(seconds):
                return
        if self._link is None:
            self._started()
            return
        messages = self._link.receive()
        if messages is None:
            self._lose()
        for message in messages or ():
            self._handle(message)

    def _started(self) -> None:
        """Connect to the engine that has just started, or report that it cannot start."""
        from .start import read_ready  # imported on demand: an engine usually runs already

        assert self._ready is not None
        ready, self._ready = self._ready, None
        why = read_ready(ready)
        if why:
            self._reports.append(WorkerExcluded(WORKER, f"it cannot start: {why}", is_expected=True))
            return
        self._connect(may_start=False)
        if self._link is not None:
            self._reports.append(WorkerReady(WORKER, self._info(self._link)))

    def _info(self, link: EngineLink) -> WorkerInfo:
        pid = link.info.get("pid")
        return WorkerInfo(WORKER, str(link.info.get("device", "")), pid if type(pid) is int else 0)

    def _handle(self, message: dict[str, Any]) -> None:
        self._is_ending = self._is_ending or bool(message.get("ending"))
        current = self._current
        if current is None:
            return
        try:
            if "place" in message:
                current.before = int(message["place"])
                return
            report = report_from_json(message)
        except (KeyError, TypeError, ValueError):
            return  # a message that this version does not know
        if isinstance(report, StepReturned):
            self._leave(ENDS if self._is_ending else "it has other tasks")
            return
        current.before = 0
        if isinstance(report, StepFailed):
            report = with_own_paths(report, current.task)
        self._reports.append(report)
        if isinstance(report, (StepFinished, StepFailed, StepStopped)):
            current.left -= 1
            if not current.left:
                self._current = None

    def _on_time(self) -> list[float]:
        """Do what is due by now; return when something is due next."""
        if self._ready is not None:
            if self._clock() < self._start_by:
                return [self._start_by]
            os.close(self._ready)
            self._ready = None
            self._reports.append(WorkerExcluded(WORKER, "it does not start", is_expected=True))
            return []
        current = self._current
        if current is None:
            return []
        if current.cancelled_at is not None:
            if self._clock() >= current.cancelled_at + CANCEL_S:
                self._stop()
                return []
            return [current.cancelled_at + CANCEL_S]
        if not current.before or current.is_noted:
            return []
        if self._clock() < current.since + NOTE_S:
            return [current.since + NOTE_S]
        self._reports.append(current.waiting())
        return []

    def _leave(self, why: str) -> None:
        """Do the task in this process, and those that follow in this run; the engine has not begun it."""
        returned = [] if self._current is None else self._current.answers(StepReturned)
        self._reports.extend([WorkerExcluded(WORKER, why, is_expected=True), *returned])
        self._current = None

    def _stop(self) -> None:
        """Disconnect, which stops the task."""
        stopped = [] if self._current is None else self._current.answers(StepStopped)
        self._drop()
        self._reports.extend(stopped)

    def _lose(self) -> None:
        """Report that the engine has ended; a task that it had is done in this process."""
        if self._is_ending:  # it has not begun the task, whose message it did not read
            self._leave(ENDS)
            self._drop()
            return
        if self._current is not None:
            self._crashes.add()
            self._reports.append(WorkerLost(WORKER, "its connection ended"))
        self._reports.append(WorkerExcluded(WORKER, CRASHED if self._crashes.are_many else "", is_expected=False))
        self._drop()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = self._current = None
        self._is_ending = False
