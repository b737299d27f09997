"""The steps of a run that workers have: who does what, what waits for the same result, and what was lost."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from invocations.events import Event
from invocations.graph.expand import NodeStep
from invocations.running.attempt import Attempt, Ready
from invocations.running.context import SESSION_NEEDED
from invocations.running.inline import Made
from invocations.running.meter import Used
from invocations.spec import InvocationSpec

from .base import Workers
from .in_flight import InFlight
from .reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepReport,
    StepReturned,
    StepStarted,
    WorkerExcluded,
    WorkerLost,
    WorkerReport,
)
from .task import ON, PREVIEWS
from .task_state import StepOutcome, TaskState, Workplace
from .worker_events import assigned, excluded, retried
from .worker_queue import WorkerQueue
from .worker_states import WorkerStates

GRACE_S = 5.0  # how long a cancelled step may take to stop before its worker is ended


class Pool:
    """The workers of one run and their steps.

    attempt: decides whether a step may be tried. emit: receives the events of steps. separate: returns whether the
    items of a node's list are used one at a time. clock: returns seconds
    """

    def __init__(
        self,
        workers: Workers,
        attempt: Attempt,
        emit: Callable[[Event], None],
        separate: Callable[[str], bool],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.queue = WorkerQueue(clock)
        self.keeps_order = workers.keeps_order
        self.has_dropped = False  # whether steps were dropped before a worker had them
        self.is_stopped = False  # whether a worker has stopped a step although the run was not cancelled
        self._workers = workers
        self._attempt = attempt
        self._emit = emit
        self._separate = separate
        self._clock = clock
        self._states = WorkerStates(workers, lambda event: self._emit(event))  # to the run that the pool works for
        self._chosen = ""  # the worker for which a step was taken from the queue
        self._at_work: dict[int, TaskState] = {}
        self._waiting: deque[TaskState] = deque()  # steps for the next free worker
        self._in_flight = InFlight()
        self._outcomes: deque[StepOutcome] = deque()
        self._previews = ""  # what workers know about previews
        self._deadline: float | None = None  # when workers that still have a cancelled step are ended

    @property
    def has_no_worker(self) -> bool:
        """Whether no worker is left."""
        return self._states.count == 0

    @property
    def is_busy(self) -> bool:
        """Whether a step is at work, waits for a worker or has an outcome."""
        return bool(self._at_work or self._waiting or self._outcomes)

    @property
    def awaits_worker(self) -> bool:
        """Whether steps are in the queue and each worker is at work or is being started."""
        states = self._states
        return states.is_started and bool(self.queue) and not states.idle and states.count > 0

    @property
    def idle(self) -> int:
        """How many workers have no task, including those that are being started."""
        return self._states.count - len(self._at_work) - len(self._waiting)

    def room(self) -> int:
        """Return the bytes that models may take in each worker, as far as the workers are ready; 0 if not known."""
        return self._states.room()

    def accepts(self, spec: InvocationSpec) -> bool:
        """Return True if workers run the steps of this kind of node."""
        return not self.has_no_worker and self._attempt.may_use_worker(spec) and self._workers.accepts(spec)

    def ran_locally(self, used: Used) -> None:
        """Take note of what a node used that ran in this process."""
        self._workers.ran_locally(used)

    def continue_for(self, attempt: Attempt, emit: Callable[[Event], None], separate: Callable[[str], bool]) -> None:
        """Go on with the steps of an earlier run in a new one; see the class for the parameters."""
        self._attempt, self._emit, self._separate = attempt, emit, separate
        self.has_dropped = self.is_stopped = False

    def unfinished(self) -> Iterator[Ready]:
        """Yield the steps that workers have, and those that wait for a worker or for the result of another step."""
        yield from (outcome.ready for outcome in self._outcomes)
        for task in (*self._at_work.values(), *self._waiting):
            yield from task.left.values()
        yield from self._in_flight

    def next(self) -> NodeStep | None:
        """Remove and return the next step from the queue that a free worker could run, or None."""
        if self.has_no_worker or not self._states.is_started:
            return None if self._waiting else self.queue.take()
        if not self._waiting:
            for worker in self._states.idle:
                step = self.queue.take_for(worker)
                if step is not None:
                    self._chosen = worker
                    return step
        return None

    def submit(self, steps: Sequence[Ready]) -> None:
        """Give the steps of a batch, or a single step, to a worker.

        A step with the cache key of another one that is at work waits for the result of that one.
        """
        left = [ready for ready in steps if not self._in_flight.add(ready)]
        if left:
            self._states.start(left[0].where[0])
            self._waiting.append(self._numbered(left))
        self._hand_out()

    def _numbered(self, steps: Sequence[Ready], attempt: int = 0) -> TaskState:
        return TaskState(next(self._workers.numbers), dict(enumerate(steps)), attempt)

    def receive(self, seconds: float) -> list[StepOutcome]:
        """Wait for reports of workers, but no longer than this; return the steps that have an outcome."""
        if self._deadline is not None and self._clock() >= self._deadline:
            for task in [*self._at_work.values()]:
                self._workers.kill(task.worker)
        self._tell_about_previews()
        report = self._workers.next_report(0.0 if self._outcomes else seconds) if self._states.is_started else None
        while report is not None:
            self._handle(report)
            report = self._workers.next_report(0.0)
        self._hand_out()
        outcomes, self._outcomes = self._outcomes, deque()
        return [*outcomes]

    def _tell_about_previews(self) -> None:
        """Let workers know if previews are wanted from now on, or no longer."""
        previews = PREVIEWS[self._attempt.previews()]
        if previews != self._previews:
            self._previews = previews
            for task in self._at_work.values():
                self._workers.show_previews(task.worker, wanted=previews == ON)

    def stop(self) -> None:
        """Drop the steps that no worker has yet."""
        self.has_dropped = self.has_dropped or bool(self._waiting or [*self._in_flight])
        self._waiting.clear()
        self._in_flight.clear()

    def cancel(self) -> None:
        """Stop all steps; a worker whose step goes on for long is ended."""
        if self._deadline is None:
            self.stop()
            self._deadline = self._clock() + GRACE_S
            for task in self._at_work.values():
                self._workers.cancel(task.worker, task.number)

    def close(self) -> None:
        """Leave the workers to the next run; those that still have a step are ended."""
        try:
            for task in self._at_work.values():
                self._workers.kill(task.worker)
            self._workers.end_run()
        finally:
            self._workers.in_use.release()

    def _hand_out(self) -> None:
        """Give the tasks that wait to the workers that are idle."""
        while self._waiting and self._states.idle:
            task = self._waiting.popleft()
            task.left = self._allowed([*task.left.values()])
            if task.left:
                self._assign(task)

    def _allowed(self, steps: Sequence[Ready]) -> dict[int, Ready]:
        """Number the steps that may run; the others fail."""
        allowed: dict[int, Ready] = {}
        for ready in steps:
            refused = self._attempt.refusal(ready.where)
            if refused is None:
                allowed[len(allowed)] = ready
            else:
                self._end(ready, refused)
        return allowed

    def _assign(self, task: TaskState) -> None:
        self._tell_about_previews()
        task.worker = self._states.assign(self._chosen)
        task.attempt += 1
        task.has_started = False
        task.since = self._clock()
        self.queue.assign(task.worker, task.first.step[1:3])
        self._at_work[task.number] = task
        self._workers.submit(task.worker, task.message(self._separate, self._previews))

    def _handle(self, report: WorkerReport) -> None:
        if isinstance(report, StepReport):
            task = self._at_work.get(report.number)
            if task is not None and (task.worker, task.attempt) == (report.worker, report.attempt):
                self._answered(task, report)  # other answers are late, or came before
            return
        self._states.note(report)
        if isinstance(report, WorkerLost):
            self._lose(report)
        elif isinstance(report, WorkerExcluded):
            self._exclude(report)

    def _answered(self, task: TaskState, report: StepReport) -> None:
        ready = task.left.get(report.step)
        if isinstance(report, StepEmitted):
            self._emit(report.event)
        elif isinstance(report, StepStarted) and ready is not None:
            task.has_started = True
            self._attempt.begin(ready.where)
            device = self._states.device(task.worker)
            self._emit(assigned(ready.where, task.worker, device, len(task.left)))
        elif ready is not None:
            del task.left[report.step]
            if not task.left:
                del self._at_work[task.number]
                self._states.release(task.worker)
            self._done(task, ready, report)

    def _done(self, task: TaskState, ready: Ready, report: StepReport) -> None:
        """Add the outcome of a step that a worker has done, or does not do."""
        if isinstance(report, StepFinished):
            place = self._place(task, ready, report.seconds)
            self.queue.learn(ready.step[1:3], report.seconds, report.used.load_seconds, report.used.batch)
            self._end(ready, (report.result, report.used), place)
        elif isinstance(report, StepFailed) and report.error.code != SESSION_NEEDED:
            self._end(ready, report.error, self._place(task, ready, report.seconds))
        elif isinstance(report, StepFailed):
            self._attempt.run_locally(ready.spec)
            self._end(ready, None)
        elif isinstance(report, StepReturned):
            self._end(ready, None)
        else:
            self.is_stopped = self.is_stopped or self._deadline is None

    def _place(self, task: TaskState, ready: Ready, seconds: float) -> Workplace:
        """Return where a step ran, and how long it waited."""
        waited = self.queue.waited(ready.step[1:3], task.since)
        if self.keeps_order:  # the step has waited for the worker's other coordinators
            waited = max(self._clock() - task.since - seconds, 0.0)
        return Workplace(task.worker, self._states.device(task.worker), waited, seconds)

    def _end(self, ready: Ready, made: Made | None, place: Workplace | None = None) -> None:
        """Add the outcome of a step, and those of the steps that waited for its result."""
        self._outcomes.append(StepOutcome(ready, made, place))
        self._outcomes += [StepOutcome(each, None) for each in self._in_flight.end(ready)]

    def _lose(self, lost: WorkerLost) -> None:
        """Run the steps of a worker that ended once more, alone, unless the run is cancelled or they ended too many."""
        self.queue.forget(lost.worker)
        for task in [each for each in self._at_work.values() if each.worker == lost.worker]:
            del self._at_work[task.number]
            if self._deadline is not None:
                continue
            for ready in reversed(task.left.values()):
                refused = self._attempt.lost(ready.where, lost.why)
                if refused is not None:
                    self._end(ready, refused)
                    continue
                if task.has_started:
                    self._emit(retried(ready.where, self._workers.title(lost.worker), lost.why))
                self.queue.wait_again(ready.step[1:3])
                again = self._numbered([ready], task.attempt)
                if ready is task.first:
                    again.number = task.number
                self._waiting.appendleft(again)

    def _exclude(self, report: WorkerExcluded) -> None:
        """Report that a worker gets no more steps; if it was the last one, the steps run in this process."""
        about = next((task.first.where for task in (*self._waiting, *self._at_work.values())), None)
        if about is not None and report.why:
            self._emit(excluded(about, self._workers.title(report.worker), report, is_last=self.has_no_worker))
        while self.has_no_worker and self._waiting:
            for ready in self._waiting.popleft().left.values():
                self._end(ready, None)
