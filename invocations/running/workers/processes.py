"""Workers that are processes on this machine, each connected by a socket that carries lines of JSON."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from selectors import EVENT_READ, DefaultSelector
from typing import Final

from .base import Workers, mismatch
from .reports import (
    StepFailed,
    StepFinished,
    StepStopped,
    WorkerExcluded,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
    WorkerStarting,
)
from .task import OFF, ON, WorkerTask
from .worker_process import WorkerProcess

MAX_LOSSES: Final = 3  # crashes of a worker without a result in between after which it is not started again
CLOSE_S: Final = 6.0  # how long workers may take to end by themselves, which they do within four seconds

CLOSED: Final = "the program is ending"

Start = Callable[[str, int], WorkerProcess]


class ProcessWorkers(Workers):
    """Worker processes `w1`, `w2` ..., which are started when the first run needs them.

    A worker that crashes is started again, unless it does so too often. Several crashes during the same task count
    once, because a node may be to blame.

    start: starts the worker with this id and index. computing: returns what results depend on; a worker whose results
    may differ is excluded. clock: returns seconds. first: the index of the first worker
    """

    def __init__(
        self,
        size: int,
        start: Start,
        computing: Callable[[], Mapping[str, str]],
        clock: Callable[[], float] = time.monotonic,
        *,
        first: int = 0,
    ) -> None:
        super().__init__()
        self.size = size
        self._start = start
        self._computing = computing
        self._clock = clock
        self._indices = {f"w{index + 1}": index for index in range(first, first + size)}
        self._parts: tuple[ProcessWorkers, ...] = ()
        self._running: dict[str, WorkerProcess] = {}
        self._losses: dict[str, list[int]] = {}  # by worker: the tasks it had when it ended, since its latest result
        self._due: dict[str, float] = {}  # when workers that ended are started again
        self._reports: deque[WorkerReport] = deque()
        self._selector = DefaultSelector()
        self._is_closed = False

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()  # an earlier run was not interested any more
        for worker in self._indices:
            if worker in self._running and self._running[worker].info is None:
                self._reports.append(WorkerStarting(worker))
            elif worker not in self._running and worker not in self._due:
                self._losses[worker] = []
                self._begin(worker)
        idle = [each for each in self._running.values() if not each.left and not each.is_unwanted]
        return [each.info for each in idle if each.info is not None]

    def submit(self, worker: str, task: WorkerTask) -> None:
        found = self._running.get(worker)
        if found is not None:
            found.task, found.left = task.number, len(task.steps)
            found.send({"task": task.to_json()})

    def next_report(self, seconds: float) -> WorkerReport | None:
        until = self._clock() + seconds
        while not self._reports:
            if self._is_closed:
                time.sleep(seconds)
                break
            self._begin_due()
            wait = min([until, *self._due.values()]) - self._clock()
            arrived = [key.data for key, _ in self._selector.select(max(wait, 0.0))]
            for worker in arrived:
                self._read(worker)
            if not arrived:
                self._end_silent()
            if self._clock() >= until:
                break
        return self._reports.popleft() if self._reports else None

    def cancel(self, worker: str, number: int) -> None:
        if worker in self._running:
            self._running[worker].send({"cancel": number})

    def show_previews(self, worker: str, *, wanted: bool) -> None:
        if worker in self._running:
            self._running[worker].send({"previews": ON if wanted else OFF})

    def confirm_claim(self, worker: str) -> None:
        if worker in self._running:
            self._running[worker].send({"accept": True})

    def kill(self, worker: str) -> None:
        found = self._running.get(worker)
        if found is not None:
            found.discard()

    def split(self) -> Sequence[Workers]:
        if not self._parts:
            self._parts = tuple(
                [
                    ProcessWorkers(1, self._start, self._computing, self._clock, first=index)
                    for index in self._indices.values()
                ]
            )
        return self._parts

    def close(self) -> None:
        for part in self._parts:
            part.close()
        self._is_closed = True
        running = [*self._running.values()]
        self._reports.extend(WorkerLost(worker, CLOSED) for worker in [*self._running])
        self._running.clear()
        self._due.clear()
        if self.in_use.acquire(blocking=False):  # otherwise a run is about to learn that it has no workers any more
            self._selector.close()
            self.in_use.release()
        for each in running:  # closing the link asks a worker to end
            each.link.close()
            if each.info is None:  # it is being started, and has nothing to finish
                each.process.kill()
        until = self._clock() + CLOSE_S
        for each in running:
            try:
                each.process.wait(max(until - self._clock(), 0.0))
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()

    def _begin(self, worker: str) -> None:
        try:
            found = self._start(worker, self._indices[worker])
        except OSError as error:
            self._reports.append(WorkerExcluded(worker, f"it cannot start: {(error.strerror or str(error)).lower()}"))
            return
        if self._is_closed:  # by another thread, while the process was being started
            found.discard()
            found.end()
            return
        self._running[worker] = found
        self._selector.register(found.link, EVENT_READ, worker)
        self._reports.append(WorkerStarting(worker))

    def _begin_due(self) -> None:
        now = self._clock()
        for worker in [worker for worker, due in self._due.items() if due <= now]:
            del self._due[worker]
            self._begin(worker)

    def _end_silent(self) -> None:
        """Find workers that have ended although their sockets are still open in processes that they have started."""
        ended = [worker for worker, found in self._running.items() if found.process.poll() is not None]
        if ended and not self._selector.select(0.0):
            for worker in ended:
                self._ended(worker, self._running[worker])

    def _read(self, worker: str) -> None:
        """Read what a worker has sent."""
        found = self._running.get(worker)
        if found is None:  # another thread has closed the workers
            return
        reports = found.receive()
        if reports is None:
            self._ended(worker, found)
        for report in reports or ():
            if not found.is_unwanted:
                self._handle(worker, found, report)

    def _handle(self, worker: str, found: WorkerProcess, report: WorkerReport) -> None:
        if isinstance(report, WorkerReady) and (why := mismatch(report.info, self._computing())):
            report = WorkerExcluded(worker, why)
        if isinstance(report, WorkerReady):
            found.info = report.info
        elif isinstance(report, WorkerExcluded):
            found.discard()
            self._remove(worker, found)
        elif isinstance(report, (StepFinished, StepFailed, StepStopped)):
            found.left -= 1
            self._losses[worker] = []
        self._reports.append(report)

    def _remove(self, worker: str, found: WorkerProcess) -> str:
        """Forget a process that has ended, or end it; return how it ended."""
        if self._running.pop(worker, None) is not None:
            self._selector.unregister(found.link)
        return found.end()

    def _ended(self, worker: str, found: WorkerProcess) -> None:
        """Report that a worker has ended, and start it again later, unless it ends again and again."""
        how = self._remove(worker, found)
        self._reports.append(WorkerLost(worker, how))
        if found.is_unwanted:
            self._due[worker] = self._clock()
            return
        if not found.left or found.task not in self._losses[worker]:
            self._losses[worker].append(found.task)
        losses = len(self._losses[worker])
        if losses < MAX_LOSSES:
            self._due[worker] = self._clock() + 2 ** (losses - 1)
        else:
            self._reports.append(WorkerExcluded(worker, f"it ended {losses} times without a result ({how})"))
