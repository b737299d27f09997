"""Run jobs on this machine: nodes run in a thread and send events through a queue, so Ctrl-C reaches the caller.

The thread is kept for the next run, because starting a thread takes longer than running a small line, above all on a
busy machine.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, SimpleQueue

from invocations.events import Event

from .base import Job, Run, Runner
from .context import run_cancelled
from .event_queue import EventQueue
from .execute import execute

MANY = 16  # events that arrive with less than `PAUSE_S` between them
PAUSE_S = 0.001
END_S = 10.0  # how long a run may take to end when its runner is closed; workers end a step that takes longer than 5 s

End = Callable[[], None]
Work = Callable[[], End]  # returns a function to call once the thread is idle again


class LocalRunner(Runner):
    """Runs each job in a thread; an idle thread takes the next job."""

    def __init__(self) -> None:
        self._idle: list[_RunThread] = []
        self._runs: weakref.WeakSet[LocalRun] = weakref.WeakSet()
        self._lock = threading.Lock()
        weakref.finalize(self, _stop, self._idle)

    def start(self, job: Job) -> Run:
        run = LocalRun(job, self._do)
        with self._lock:
            self._runs.add(run)
        return run

    def close(self) -> None:
        """Cancel the runs that have begun and wait until they have ended, then end the idle threads."""
        with self._lock:
            runs = [run for run in self._runs if run.is_running]
        for run in runs:
            run.cancel()
        until = time.monotonic() + END_S
        for run in runs:
            run.ended.wait(max(until - time.monotonic(), 0.0))
        _stop(self._idle)

    def _do(self, work: Work) -> None:
        """Do the work in an idle thread, or in a new thread if none is idle."""
        try:
            thread = self._idle.pop()
        except IndexError:
            thread = _RunThread(self._idle)
        thread.inbox.put(work)


class _RunThread:
    """A thread that does one piece of work at a time; while it has none, it is in the list of idle threads."""

    def __init__(self, idle: list[_RunThread]) -> None:
        self.inbox: SimpleQueue[Work | None] = SimpleQueue()
        self._idle = idle
        threading.Thread(target=self._work, name="run", daemon=True).start()

    def _work(self) -> None:
        while (work := self.inbox.get()) is not None:
            end = work()
            self._idle.append(self)
            end()
            del work, end  # deleted so that a waiting thread does not keep a session alive


def _stop(idle: list[_RunThread]) -> None:
    """End all idle threads."""
    while idle:
        idle.pop().inbox.put(None)


class RunEnd:
    """Marks the end of the queue; `error` is the unexpected error that ended the thread, if any."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class LocalRun(Run):
    """A run whose nodes run in a thread; `ended` is set once the thread is done."""

    def __init__(self, job: Job, do: Callable[[Work], None]) -> None:
        self._job = job
        self._do = do
        self._queue: EventQueue[RunEnd] = EventQueue()
        self._waiting: Event | RunEnd | None = None  # events already taken from the queue
        self._cancels: list[bool] = []  # not an Event, which two signals at once could lock for ever
        self._begun = self._ended = self._is_abandoned = False
        self.ended = threading.Event()
        self._in_a_row, self._received = 0, 0.0  # events that have arrived quickly, and when the last one did

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        if not self._begun:
            self._begin()
        while self._waiting is None:
            self._waiting = self._receive(None)
        found, self._waiting = self._waiting, None
        if isinstance(found, RunEnd):
            self._ended = True
            if found.error is not None:
                raise found.error
            raise StopIteration
        return found

    def wait(self, seconds: float) -> bool:
        if self._waiting is None and not self._ended:
            if not self._begun:
                self._begin()
            try:
                self._waiting = self._receive(seconds)
            except Empty:
                return False
        return self._waiting is not None or self._ended

    @property
    def is_running(self) -> bool:
        """Whether the run has begun and not ended, and somebody cares."""
        return self._begun and not self.ended.is_set() and not self._is_abandoned

    def _receive(self, seconds: float | None) -> Event | RunEnd | None:
        """Take the next event from the queue; while many nodes run quickly, let several events gather.

        Returns None if the run has been cancelled meanwhile, so that whoever waits can say so at once.
        Otherwise this thread would wake up for each event and slow down the thread that runs the nodes.
        Raises: Empty.
        """
        if self._in_a_row >= MANY and self._queue.is_empty:
            time.sleep(PAUSE_S)
        found = self._queue.get(seconds)
        now = time.monotonic()
        self._in_a_row = self._in_a_row + 1 if now - self._received < 2 * PAUSE_S else 0
        self._received = now
        return found

    def _begin(self) -> None:
        """Start running the nodes."""
        self._begun = True
        self._do(self._pump)

    def cancel(self) -> None:  # a signal handler may call it
        self._cancels.append(True)
        self._queue.put(None)

    def abandon(self) -> None:
        from .abandoned import record_cancelled  # imported on demand: few processes end this way

        self._is_abandoned = True
        record_cancelled(self._job)

    def _pump(self) -> End:
        error: BaseException | None = None
        is_cancelled = partial(bool, self._cancels)
        token = run_cancelled.set(is_cancelled)
        try:
            run: Callable[..., Iterator[Event]] = execute
            if self._job.ahead is not None:
                from .turn import execute_turn as run  # imported on demand: only scripts with workers need it
            for event in run(self._job, self._queue.put, is_cancelled):
                self._queue.put(event)
        except BaseException as caught:  # raised again in the thread that iterates over the run
            error = caught
        finally:
            run_cancelled.reset(token)
            self.ended.set()
        return partial(self._queue.put, RunEnd(error))
