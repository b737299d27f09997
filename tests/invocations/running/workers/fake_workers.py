"""Workers in the process of a test, which run one task after another; tasks and reports pass through JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from invocations.running.base import Catalog
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import WorkerInfo, WorkerLost, WorkerReady, WorkerReport, report_from_json
from invocations.running.workers.task import OFF, ON, WorkerTask, task_from_json
from invocations.running.workers.worker_loop import WorkerLoop
from tests.invocations.kitchen import FakeCatalog

Answering = Callable[[str, WorkerTask], Sequence[WorkerReport] | None]  # the reports on a task; None: run it


class FakeWorkers(Workers):
    """Workers `w1`, `w2` ...; one thread does their tasks in the order in which they were given.

    answer: replaces what a worker does with a task; services, catalog: what nodes use
    """

    def __init__(
        self,
        size: int,
        services: Any,
        answer: Answering = lambda worker, task: None,
        catalog: Catalog | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.services = services
        self.answer = answer
        self.catalog = catalog or FakeCatalog()
        self.given: list[tuple[str, WorkerTask]] = []
        self.ended: list[str] = []
        self.accepted: list[str] = []
        self.shown: list[tuple[str, bool]] = []
        self.closed = False
        self._tasks: SimpleQueue[tuple[str, WorkerTask]] = SimpleQueue()
        self._reports: SimpleQueue[WorkerReport] = SimpleQueue()
        self._loops: dict[str, WorkerLoop] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> Sequence[WorkerInfo]:
        for number in range(1, self.size + 1):
            self._join(f"w{number}")
        if not self._thread.is_alive():
            self._thread.start()
        return []

    def submit(self, worker: str, task: WorkerTask) -> None:
        twin = task_from_json(json.loads(json.dumps(task.to_json())))
        assert twin == task
        self.given.append((worker, twin))
        self._tasks.put((worker, twin))

    def next_report(self, seconds: float) -> WorkerReport | None:
        with suppress(Empty):
            return self._reports.get(timeout=seconds) if seconds else self._reports.get_nowait()
        return None

    def cancel(self, worker: str, number: int) -> None:
        self._loops[worker].receive({"cancel": number})

    def show_previews(self, worker: str, *, wanted: bool) -> None:
        self.shown.append((worker, wanted))
        self._loops[worker].receive({"previews": ON if wanted else OFF})

    def confirm_claim(self, worker: str) -> None:
        self.accepted.append(worker)
        self._loops[worker].receive({"accept": True})

    def kill(self, worker: str) -> None:
        self.ended.append(worker)
        self._loops[worker].end()
        self._join(worker, WorkerLost(worker, "ended"))

    def close(self) -> None:
        self.closed = True

    def tell(self, report: WorkerReport) -> None:
        """Add a report."""
        twin = report_from_json(json.loads(json.dumps(report.to_json())))
        assert twin == report
        self._reports.put(twin)

    def lose(self, worker: str) -> None:
        """End a worker as if it had been killed, and start it again."""
        self._join(worker, WorkerLost(worker, "signal 9"))

    def _join(self, worker: str, lost: WorkerLost | None = None) -> None:
        """Start a worker, whose earlier loop is not heard any more."""

        def receive(data: Mapping[str, Any]) -> None:
            with self._lock:
                if self._loops[worker] is loop:
                    self._reports.put(report_from_json(json.loads(json.dumps(data))))

        loop = WorkerLoop(worker, self.services, self.catalog, receive)
        with self._lock:
            self._loops[worker] = loop
            for report in (lost, WorkerReady(worker, WorkerInfo(worker, "cpu", pid=1, host="here"))):
                if report is not None:
                    self.tell(report)

    def _work(self) -> None:
        while True:
            worker, task = self._tasks.get()
            answers = self.answer(worker, task)
            if answers is None:
                self._loops[worker].do(task)
            for report in answers or ():
                self.tell(report)
