"""A machine whose worker processes are sockets, and whose clock only the test moves."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from invocations.running.workers.processes import ProcessWorkers
from invocations.running.workers.reports import WorkerInfo, WorkerReady, WorkerReport, WorkerStarting
from invocations.running.workers.worker_process import WorkerProcess

COMPUTING = {"device": "cpu", "torch": "1"}


class FakeProcess:
    """A process that ends when the test closes its end of the socket."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.killed = False
        self.has_ended = False  # although the socket is open

    def kill(self) -> None:
        self.killed = True
        self.link.close()

    def wait(self, timeout: float | None = None) -> int:
        return -9

    def poll(self) -> int | None:
        return -9 if self.has_ended else None

    def ending(self) -> str:
        return "signal 9"


class Machine:
    """Two workers whose processes are sockets, and a clock that only the test moves."""

    def __init__(self, size: int = 2) -> None:
        self.now = 0.0
        self.fails = False
        self.started: list[str] = []
        self.processes: dict[str, FakeProcess] = {}
        self.all: list[FakeProcess] = []
        self.workers = ProcessWorkers(size, self.start, lambda: COMPUTING, lambda: self.now)

    def start(self, worker: str, index: int) -> WorkerProcess:
        assert worker == f"w{index + 1}"
        if self.fails:
            raise OSError(12, "Cannot allocate memory")
        ours, theirs = socket.socketpair()
        self.started.append(worker)
        process: Any = FakeProcess(theirs)
        self.processes[worker] = process
        self.all.append(process)
        return WorkerProcess(process, ours)

    def send(self, worker: str, report: WorkerReport) -> None:
        self.processes[worker].link.sendall(json.dumps(report.to_json()).encode() + b"\n")

    def join(self, worker: str, computing: Mapping[str, str] = COMPUTING) -> None:
        self.send(worker, WorkerReady(worker, WorkerInfo(worker, "cpu", 1, "here", computing)))

    def kill(self, worker: str) -> None:
        self.processes[worker].link.close()

    def reports(self) -> list[WorkerReport]:
        """Return all reports that have arrived, except that workers start; each `next_report` reads all sockets."""
        return [report for report in self.all_reports() if not isinstance(report, WorkerStarting)]

    def all_reports(self) -> list[WorkerReport]:
        """Return all reports that have arrived."""
        found = [self.workers.next_report(0.0) for _ in range(10)]
        return [report for report in found if report is not None]

    def close(self) -> None:
        self.workers.close()
        for process in self.all:
            process.link.close()
