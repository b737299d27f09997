"""Workers in the process of a test, which run one task after another; what they are given and tell crosses as JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from invocations.errors import Cancelled
from invocations.events import Event, NodeError
from invocations.running.context import StepContext
from invocations.running.inline import perform_and_store
from invocations.running.task import (
    Joined,
    Lost,
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStopped,
    Told,
    WorkerInfo,
    WorkerTask,
    task_from_json,
    told_from_json,
)
from invocations.running.workers import Workers
from tests.invocations.kitchen import FakeCatalog

Answering = Callable[[str, WorkerTask], Sequence[Told] | None]  # what is told about a task; None: run it


class FakeWorkers(Workers):
    """Workers `w1`, `w2` ...; one thread does their tasks in the order in which they were given.

    answer: replaces what a worker does with a task; services: what nodes use
    """

    def __init__(self, size: int, services: Any, answer: Answering = lambda worker, task: None) -> None:
        super().__init__()
        self.size = size
        self.services = services
        self.answer = answer
        self.given: list[tuple[str, WorkerTask]] = []
        self.ended: list[str] = []
        self.closed = False
        self._tasks: SimpleQueue[tuple[str, WorkerTask]] = SimpleQueue()
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def hello(self) -> Sequence[WorkerInfo]:
        for number in range(1, self.size + 1):
            self._join(f"w{number}")
        if not self._thread.is_alive():
            self._thread.start()
        return []

    def give(self, worker: str, task: WorkerTask) -> None:
        twin = task_from_json(json.loads(json.dumps(task.to_json())))
        assert twin == task
        self.given.append((worker, twin))
        self._tasks.put((worker, twin))

    def take(self, seconds: float) -> Told | None:
        with suppress(Empty):
            return self._told.get(timeout=seconds) if seconds else self._told.get_nowait()
        return None

    def cancel(self, worker: str, number: int) -> None:
        self._cancelled.add(number)

    def end(self, worker: str) -> None:
        self.ended.append(worker)
        self.tell(Lost(worker, "ended"))
        self._join(worker)

    def close(self) -> None:
        self.closed = True

    def tell(self, told: Told) -> None:
        """Add something to tell."""
        twin = told_from_json(json.loads(json.dumps(told.to_json())))
        assert twin == told
        self._told.put(twin)

    def lose(self, worker: str) -> None:
        """End a worker as if it had been killed, and start it again."""
        self.tell(Lost(worker, "signal 9"))
        self._join(worker)

    def _join(self, worker: str) -> None:
        self.tell(Joined(worker, WorkerInfo(worker, "cpu", pid=1, host="here")))

    def _work(self) -> None:
        while True:
            worker, task = self._tasks.get()
            answers = self.answer(worker, task)
            for told in self._done(worker, task) if answers is None else answers:
                self.tell(told)

    def _done(self, worker: str, task: WorkerTask) -> Sequence[Told]:
        (step,) = task.steps
        place = (worker, task.number, task.attempt, 0)
        spec = FakeCatalog.specs[step.type]

        def emit(event: Event) -> None:
            self.tell(StepEmitted(*place, event))

        context = StepContext(
            task.session_id, step.node_id, step.type, step.path, services=self.services, emit=emit,
            is_cancelled=lambda: task.number in self._cancelled, separate=step.separate,
        )  # fmt: skip
        try:
            made = perform_and_store(
                spec, step.inputs, context, services=self.services, catalog=FakeCatalog(), classes={}
            )  # fmt: skip
        except Cancelled:
            return [StepStopped(*place)]
        if isinstance(made, NodeError):
            return [StepFailed(*place, made, 0.5)]
        return [StepFinished(*place, *made, 0.5)]
