"""Run one step in a worker of its own, which reads the session: used for a node that may have crashed the program."""

from __future__ import annotations

from collections.abc import Callable

from invocations.errors import Cancelled
from invocations.events import Event, NodeError
from invocations.running.base import POLL_S
from invocations.running.deaths import TWICE, quarantine
from invocations.running.inline import Made

from .base import Workers
from .reports import (
    StepClaimed,
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStarted,
    StepStopped,
    WorkerExcluded,
    WorkerLost,
    WorkerReady,
)
from .task import WorkerTask


def run_alone(
    workers: Workers,
    task: WorkerTask,
    *,
    emit: Callable[[Event], None],
    claim: Callable[[str], object],
    is_cancelled: Callable[[], bool],
    crashes: str = TWICE,
) -> Made:
    """Give a task of one step to the only worker, end the worker, and return what became of the step.

    emit: receives the events of the step. claim: records a file that it is about to write.
    crashes: describes the node's crashes if the worker crashes. Raises: Cancelled.
    """
    has_started = False  # whether the step may be why the worker ends; otherwise, the worker is started again
    try:
        for info in workers.start():
            workers.submit(info.id, task)
        while True:
            report = workers.next_report(POLL_S)
            if is_cancelled():
                raise Cancelled
            if isinstance(report, WorkerReady):
                workers.submit(report.worker, task)
            elif isinstance(report, StepStarted):
                has_started = True
            elif isinstance(report, StepEmitted):
                emit(report.event)
            elif isinstance(report, StepClaimed):
                claim(report.target)
                workers.confirm_claim(report.worker)
            elif isinstance(report, StepFinished):
                return report.result, report.used
            elif isinstance(report, StepFailed):
                return report.error
            elif isinstance(report, StepStopped):
                raise Cancelled
            elif isinstance(report, WorkerLost) and has_started:
                return quarantine(report.why, crashes)
            elif isinstance(report, WorkerExcluded):
                return NodeError("WorkerMissing", f"it needs a process of its own, but {report.why}", "worker_missing")
    finally:
        workers.close()
