"""Runs that let workers begin with the nodes of later lines."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.cache.base import CachedResult, MemoryCache
from invocations.events import LogMessage, NodeError, NodeFailed, NodeProgress
from invocations.running.ahead import Ahead, may_run_early
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStarted,
    WorkerReport,
)
from invocations.running.workers.task import WorkerTask
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.running.workers.fake_workers import FakeWorkers

LATER = "b"


class Pair(FakeWorkers):
    """Two workers; the node `b` ends as `then` says, before `a` does, or begins and goes on if that is None."""

    def __init__(self, then: int | NodeError | None) -> None:
        services: Any = NoServices()
        super().__init__(2, services, self.decide)
        self.then = then
        self.first: list[tuple[str, WorkerTask]] = []

    def decide(self, worker: str, task: WorkerTask) -> list[WorkerReport]:
        if task.steps[0].node_id != LATER:
            self.first.append((worker, task))
            return []
        place, where = (worker, task.number, task.attempt, 0), (task.session_id, LATER, "add", (), 0.0)
        reports: list[WorkerReport] = [StepStarted(*place)]
        reports += [StepEmitted(*place, each) for each in (NodeProgress(*where, 1, 2), LogMessage(*where, "hm", True))]
        if self.then is not None:
            reports.append(ended(worker, task, self.then))
        return [*reports, *(ended(*each, 3) for each in self.first)]


def ended(worker: str, task: WorkerTask, result: int | NodeError) -> WorkerReport:
    place = (worker, task.number, task.attempt, 0)
    if isinstance(result, NodeError):
        return StepFailed(*place, result)
    return StepFinished(*place, CachedResult({"value": result}, {}))


def two_lines(then: int | NodeError | None) -> tuple[Bench, Pair]:
    workers = Pair(then)
    bench = Bench(cache=MemoryCache(), workers=workers)
    return bench.grow([node("a add", a=1, b=2)]).grow([node("b add", a=3, b=4)]), workers


def outcomes(bench: Bench) -> list[str]:
    return [line.outcome for line in bench.session.lines]


def test_the_result_of_a_later_node_is_recorded_at_once_and_reported_in_its_turn() -> None:
    bench, workers = two_lines(7)
    ahead = Ahead(nodes=(LATER,))
    bench.run(only=["a"], ahead=ahead)
    assert (bench.ran(), bench.values("b"), outcomes(bench)) == (["a"], [7], ["done", ""])
    assert bench.events[-1].event == "session_finished"
    ahead.nodes = ()
    bench.run(only=["b"], ahead=ahead)
    assert (bench.ran(), outcomes(bench), len(workers.given)) == (["b"], ["done", "done"], 2)
    assert ahead.pool is None
    assert not workers.in_use.locked()


def test_the_progress_of_a_later_node_is_shown_at_once_and_its_warnings_in_its_turn() -> None:
    bench, _ = two_lines(7)
    ahead = Ahead(nodes=(LATER,))
    about = ["node_started", "node_progress", "log", "node_finished"]
    bench.run(only=["a"], ahead=ahead)
    assert [event.event for event in bench.events if event.node_id == "b"] == about[:2]
    ahead.nodes = ()
    bench.run(only=["b"], ahead=ahead)
    assert [event.event for event in bench.events if event.node_id == "b"] == about[2:]


def test_the_failure_of_a_later_node_is_recorded_in_its_turn() -> None:
    bench, workers = two_lines(NodeError("ValueError", "no"))
    ahead = Ahead(nodes=(LATER,))
    bench.run(only=["a"], ahead=ahead)
    assert (bench.failed(), dict(bench.session.errors), outcomes(bench)) == ([], {}, ["done", ""])
    bench.run(only=["a"], ahead=ahead)  # the turn of another line: the node does not run again
    assert len(workers.given) == 2
    ahead.nodes = ()
    bench.run(only=["b"], ahead=ahead)
    assert (bench.failed(), outcomes(bench), len(workers.given)) == (["b"], ["done", "failed"], 2)
    assert [event.error.message for event in bench.session.history if isinstance(event, NodeFailed)] == ["no"]


def test_a_later_node_that_is_stopped_leaves_its_line_open_and_did_not_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invocations.running.workers.pool.GRACE_S", 0.0)
    bench, workers = two_lines(None)
    ahead = Ahead(nodes=(LATER,))
    bench.run(only=["a"], ahead=ahead)
    assert (ahead.pool is not None, workers.in_use.locked()) == (True, True)
    bench.invoker.run(bench.session.id, only=(), ahead=ahead).end()
    assert (ahead.pool, workers.in_use.locked(), len(workers.ended)) == (None, False, 1)
    for session in (bench.session, bench.reopen().session):
        assert [line.number for line in session.open_lines] == [2]
        assert not session.begun


def test_nodes_with_effects_wait_for_their_turn() -> None:
    catalog = Bench().invoker.catalog
    early = {kind: may_run_early(spec) for kind in ("add", "collect", "clock") if (spec := catalog.spec(kind))}
    assert early == {"add": True, "collect": True, "clock": False}
