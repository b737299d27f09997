"""Run one step in a worker of its own, which reads the session: used for a node that may have crashed the program."""

from __future__ import annotations

from collections.abc import Callable

from invocations.errors import Cancelled
from invocations.events import Event, NodeError

from .base import POLL_S
from .deaths import quarantine
from .inline import Made
from .task import (
    Joined,
    LeftOut,
    Lost,
    StepClaimed,
    StepEmitted,
    StepFailed,
    StepFinished,
    WorkerTask,
)
from .workers import Workers


def run_alone(
    workers: Workers,
    task: WorkerTask,
    *,
    emit: Callable[[Event], None],
    claim: Callable[[str], object],
    is_cancelled: Callable[[], bool],
) -> Made:
    """Give a task of one step to the only worker, end the worker, and return what became of the step.

    emit: receives the events of the step. claim: records a file that it is about to write. Raises: Cancelled.
    """
    try:
        for info in workers.hello():
            workers.give(info.id, task)
        while True:
            report = workers.take(POLL_S)
            if is_cancelled():
                raise Cancelled
            if isinstance(report, Joined):
                workers.give(report.worker, task)
            elif isinstance(report, StepEmitted):
                emit(report.event)
            elif isinstance(report, StepClaimed):
                claim(report.target)
                workers.accept(report.worker)
            elif isinstance(report, StepFinished):
                return report.result, report.used
            elif isinstance(report, StepFailed):
                return report.error
            elif isinstance(report, Lost):
                return quarantine(report.why)
            elif isinstance(report, LeftOut):
                return NodeError("WorkerMissing", f"it needs a process of its own, but {report.why}", "worker_missing")
    finally:
        workers.close()
