"""A step that runs in a worker of its own: its events and claims are passed on, and its end is explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from invocations.cache.base import CachedResult
from invocations.errors import Cancelled
from invocations.events import Event, NodeError, NodeProgress
from invocations.running.inline import Made
from invocations.running.workers.alone import run_alone
from invocations.running.workers.reports import (
    StepClaimed,
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStarted,
    StepStopped,
    WorkerExcluded,
    WorkerLost,
    WorkerReport,
)
from invocations.running.workers.task import TaskStep, WorkerTask
from tests.invocations.bench import NoServices
from tests.invocations.running.workers.fake_workers import FakeWorkers

STEP = ("w1", 1, 1, 0)
TASK = WorkerTask(1, 1, "session", (TaskStep("n", "add", "1.0.0", (), {}),), reads_session=True)
PROGRESS = NodeProgress("session", "n", "add", (), 1.0, 1, 2)
RESULT = CachedResult({"value": 3}, {})


class Alone:
    """A run of one step whose worker sends the given reports."""

    def __init__(self, report: Sequence[WorkerReport], *, cancelled: bool = False) -> None:
        self.cancelled = cancelled
        self.events: list[Event] = []
        self.claims: list[str] = []
        services: Any = NoServices()
        self.workers = FakeWorkers(1, services, lambda worker, task: report)

    def run(self) -> Made:
        return run_alone(
            self.workers, TASK, emit=self.events.append, claim=self.claims.append, is_cancelled=lambda: self.cancelled
        )


def test_events_and_claims_of_the_step_are_passed_on() -> None:
    alone = Alone(
        [StepStarted(*STEP), StepEmitted(*STEP, PROGRESS), StepClaimed(*STEP, "a.png"), StepFinished(*STEP, RESULT)]
    )
    made = alone.run()
    assert isinstance(made, tuple)
    assert (made[0], alone.events, alone.claims, alone.workers.accepted) == (RESULT, [PROGRESS], ["a.png"], ["w1"])
    assert [(worker, task) for worker, task in alone.workers.given] == [("w1", TASK)]
    assert alone.workers.closed


@pytest.mark.parametrize(
    ("report", "code", "message"),
    [
        (StepFailed(*STEP, NodeError("ValueError", "no", "node_failed")), "node_failed", "no"),
        (
            WorkerLost("w1", "signal 9"),
            "set_aside",
            "it crashed the program twice and then its own process (signal 9), so it is quarantined",
        ),
        (
            WorkerExcluded("w1", "its torch is 2 instead of 1"),
            "worker_missing",
            "it needs a process of its own, but its torch is 2 instead of 1",
        ),
    ],
)
def test_a_step_without_a_result_has_an_error(report: WorkerReport, code: str, message: str) -> None:
    alone = Alone([StepStarted(*STEP), report])
    made = alone.run()
    assert isinstance(made, NodeError)
    assert (made.code, made.message, alone.workers.closed) == (code, message, True)


def test_cancelling_closes_the_worker() -> None:
    alone = Alone([], cancelled=True)
    with pytest.raises(Cancelled):
        alone.run()
    assert alone.workers.closed


def test_a_step_runs_in_a_new_worker_if_its_worker_ended_before_it_started() -> None:
    alone = Alone([StepStarted(*STEP), StepFinished(*STEP, RESULT)])
    answer = alone.workers.answer

    def lost(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        alone.workers.answer = answer
        alone.workers.lose(worker)
        return []

    alone.workers.answer = lost
    made = alone.run()
    assert isinstance(made, tuple)
    assert (made[0], len(alone.workers.given)) == (RESULT, 2)


def test_a_step_that_stops_by_itself_cancels_the_run() -> None:
    alone = Alone([StepStarted(*STEP), StepStopped(*STEP)])
    with pytest.raises(Cancelled):
        alone.run()
    assert alone.workers.closed
