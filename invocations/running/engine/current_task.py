"""The task that a client has given to the engine, and what is reported about its steps."""

from __future__ import annotations

import time
from typing import Final

from invocations.frozen import mutable
from invocations.running.workers.reports import StepEmitted, StepReport, WorkerReport
from invocations.running.workers.task import WorkerTask
from invocations.running.workers.worker_events import NodeWaiting

WORKER: Final = "engine"


@mutable
class CurrentTask:
    """A task of the engine; `left` is the number of its steps that have no answer, `since` when it was submitted."""

    task: WorkerTask
    left: int
    since: float
    before: int = 0  # how many other tasks come before it
    is_noted: bool = False  # whether a note about the waiting was shown
    cancelled_at: float | None = None

    def answers(self, kind: type[StepReport]) -> list[WorkerReport]:
        """Return an answer of one kind for each step that has none."""
        count = len(self.task.steps)
        return [kind(*self._place(step)) for step in range(count - self.left, count)]

    def waiting(self) -> StepEmitted:
        """Return an event that says for whom the task waits."""
        self.is_noted = True
        step = self.task.steps[0]
        where = (self.task.session_id, step.node_id, step.type, step.path, time.time())
        others = "another invokeai command" if self.before == 1 else f"{self.before} other invokeai commands"
        return StepEmitted(*self._place(0), NodeWaiting(*where, reason=f"waiting for {others}"))

    def _place(self, step: int) -> tuple[str, int, int, int]:
        return WORKER, self.task.number, self.task.attempt, step
