"""Workers that are processes on this machine, each connected by a socket that carries lines of JSON."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final

from invocations.frozen import mutable

from .base import Workers, mismatch
from .child import ending, start_child
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
    report_from_json,
)
from .task import WorkerTask

MODULE: Final = "invocations.run_worker"
MAX_LOSSES: Final = 3  # ends without a result in between after which a worker is not started again
CLOSE_S: Final = 6.0  # how long workers may take to end by themselves, which they do within four seconds
CHUNK_BYTES: Final = 1 << 16


@mutable
class WorkerProcess:
    """A worker's process and its end of the socket; `info` is None until it is ready."""

    process: subprocess.Popen[bytes]
    link: socket.socket
    received: bytes = b""
    info: WorkerInfo | None = None
    left: int = 0  # steps that it has been given and has not answered
    is_unwanted: bool = False  # whether it is ended on purpose


Start = Callable[[str, int], WorkerProcess]


class ProcessWorkers(Workers):
    """Worker processes `w1`, `w2` ..., which are started when the first run needs them.

    start: starts the worker with this id and index. computing: returns what results depend on; a worker whose results
    may differ is excluded. clock: returns seconds
    """

    def __init__(
        self,
        size: int,
        start: Start,
        computing: Callable[[], Mapping[str, str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.size = size
        self._start = start
        self._computing = computing
        self._clock = clock
        self._indices = {f"w{index + 1}": index for index in range(size)}
        self._running: dict[str, WorkerProcess] = {}
        self._losses: dict[str, int] = {}  # by worker: how often it ended since its latest result
        self._due: dict[str, float] = {}  # when workers that ended are started again
        self._reports: deque[WorkerReport] = deque()
        self._selector = DefaultSelector()

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()  # an earlier run was not interested any more
        for worker in self._indices:
            if worker in self._running and self._running[worker].info is None:
                self._reports.append(WorkerStarting(worker))
            elif worker not in self._running and worker not in self._due:
                self._losses[worker] = 0
                self._begin(worker)
        return [each.info for each in self._running.values() if each.info is not None and not each.left]

    def submit(self, worker: str, task: WorkerTask) -> None:
        found = self._running.get(worker)
        if found is not None:
            found.left = len(task.steps)
            self._send(found, {"task": task.to_json()})

    def next_report(self, seconds: float) -> WorkerReport | None:
        until = self._clock() + seconds
        while not self._reports:
            self._begin_due()
            wait = min([until, *self._due.values()]) - self._clock()
            for key, _ in self._selector.select(max(wait, 0.0)):
                self._read(key.data)
            if self._clock() >= until:
                break
        return self._reports.popleft() if self._reports else None

    def cancel(self, worker: str, number: int) -> None:
        if worker in self._running:
            self._send(self._running[worker], {"cancel": number})

    def confirm_claim(self, worker: str) -> None:
        if worker in self._running:
            self._send(self._running[worker], {"accept": True})

    def kill(self, worker: str) -> None:
        found = self._running.get(worker)
        if found is not None:
            found.is_unwanted = True
            found.process.kill()

    def close(self) -> None:
        running = [*self._running.values()]
        self._running.clear()
        self._due.clear()
        self._selector.close()
        for each in running:  # closing the link asks a worker to end
            each.link.close()
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
        self._running[worker] = found
        self._selector.register(found.link, EVENT_READ, worker)
        self._reports.append(WorkerStarting(worker))

    def _begin_due(self) -> None:
        now = self._clock()
        for worker in [worker for worker, due in self._due.items() if due <= now]:
            del self._due[worker]
            self._begin(worker)

    def _send(self, found: WorkerProcess, data: Mapping[str, Any]) -> None:
        with suppress(OSError):  # a worker that has ended is noticed when its link is read
            found.link.sendall(json.dumps(data).encode() + b"\n")

    def _read(self, worker: str) -> None:
        """Read what a worker has sent."""
        found = self._running[worker]
        try:
            data = found.link.recv(CHUNK_BYTES)
        except OSError:
            data = b""
        if not data:
            self._ended(worker, found)
            return
        *lines, found.received = (found.received + data).split(b"\n")
        for line in lines:
            self._handle(worker, found, report_from_json(json.loads(line)))

    def _handle(self, worker: str, found: WorkerProcess, report: WorkerReport) -> None:
        if isinstance(report, WorkerReady):
            why = mismatch(report.info, self._computing())
            if why:
                found.is_unwanted = True
                found.process.kill()
                self._losses[worker] = MAX_LOSSES
                self._reports.append(WorkerExcluded(worker, why))
                return
            found.info = report.info
        elif isinstance(report, (StepFinished, StepFailed, StepStopped)):
            found.left -= 1
            self._losses[worker] = 0
        self._reports.append(report)

    def _ended(self, worker: str, found: WorkerProcess) -> None:
        """Report that a worker has ended, and start it again later, unless it ends again and again."""
        self._selector.unregister(found.link)
        found.link.close()
        del self._running[worker]
        if not found.is_unwanted:
            self._losses[worker] += 1
        how = ending(found.process)
        self._reports.append(WorkerLost(worker, how))
        losses = self._losses[worker]
        if losses < MAX_LOSSES:
            self._due[worker] = self._clock() + (2 ** (losses - 1) if losses else 0)
        elif not found.is_unwanted:
            self._reports.append(WorkerExcluded(worker, f"it ended {losses} times without a result ({how})"))


def start_process(
    worker: str, index: int, settings: Mapping[str, Any], environment: Mapping[str, str]
) -> WorkerProcess:
    """Start a worker process; settings: those of the local services as JSON data. Raises: OSError."""
    if os.name == "nt":
        raise OSError("this system cannot pass sockets to processes")
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        process = start_child(
            MODULE, str(number), environment=environment, pass_fds=(number,), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    found = WorkerProcess(process, ours)
    with suppress(OSError):
        ours.sendall(json.dumps({"id": worker, "index": index, "settings": settings}).encode() + b"\n")
    return found
