"""Run jobs on this machine: nodes run in a thread and send events through a queue, so Ctrl-C reaches the caller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from invocations.events import Event

from .base import Job, Run, Runner
from .execute import execute


class LocalRunner(Runner):
    """Runs each job in its own thread."""

    def start(self, job: Job) -> Run:
        return LocalRun(job)


class _End:
    """Marks the end of the queue; `error` is the unexpected error that ended the thread, if any."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class LocalRun(Run):
    """A run whose nodes run in a thread."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._queue: SimpleQueue[Event | _End] = SimpleQueue()
        self._waiting: Event | _End | None = None  # events already taken from the queue
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._ended = False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        thread = self._thread or self._begin()
        found, self._waiting = self._waiting or self._queue.get(), None
        if isinstance(found, _End):
            self._ended = True
            thread.join()
            if found.error is not None:
                raise found.error
            raise StopIteration
        return found

    def wait(self, seconds: float) -> bool:
        if self._waiting is None and not self._ended:
            if self._thread is None:
                self._begin()
            try:
                self._waiting = self._queue.get(timeout=seconds)
            except Empty:
                return False
        return True

    def _begin(self) -> threading.Thread:
        self._thread = threading.Thread(target=self._pump, name=f"run {self._job.session.id}", daemon=True)
        self._thread.start()
        return self._thread

    def cancel(self) -> None:
        self._cancelled.set()

    def _pump(self) -> None:
        error: BaseException | None = None
        try:
            for event in execute(self._job, self._queue.put, self._cancelled.is_set):
                self._queue.put(event)
        except BaseException as caught:  # raised again in the thread that reads the run
            error = caught
        self._queue.put(_End(error))
