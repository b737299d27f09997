"""A task that a server has: which of its nodes there computes which step, and what was reported on each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from invocations.frozen import mutable
from invocations.running.workers.reports import StepFailed, StepFinished, StepReport, StepStarted, StepStopped
from invocations.running.workers.task import WorkerTask

ANSWERS = (StepFinished, StepFailed, StepStopped)


@mutable
class TaskThere:
    """A task, the numbers of its steps by the ids of the server's nodes, the steps without an answer, those begun."""

    task: WorkerTask
    nodes: Mapping[str, int]
    left: set[int]
    started: set[int] = field(default_factory=set)

    def reported(self, report: StepReport) -> list[StepReport]:
        """Return a report, after the start of its step if that was not reported; [] if the step has an answer."""
        if report.step not in self.left:
            return []
        found = [report]
        if report.step not in self.started:
            self.started.add(report.step)
            if not isinstance(report, StepStarted):
                found.insert(0, StepStarted(report.worker, report.number, report.attempt, report.step))
        elif isinstance(report, StepStarted):
            return []
        if isinstance(report, ANSWERS):
            self.left.discard(report.step)
        return found
