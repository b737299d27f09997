"""Runs with a worker like the warm engine: it keeps the order, may return steps, and may be excluded silently."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from invocations.events import LogMessage, NodeFinished, NodeRetried
from invocations.running.workers.reports import StepReturned, WorkerExcluded, WorkerLost, WorkerReport
from invocations.running.workers.task import WorkerTask
from invocations.sessions.journal import Began
from invocations.spec import InvocationSpec
from tests.invocations.bench import Bench, node
from tests.invocations.running.workers.fake_workers import FakeWorkers
from tests.invocations.running.workers.test_pool import bench_with, started, workers_of

NODES = [node("a add", a=1, b=2), node("b mul", a=2, b=3), node("c add", a=2, b=2), node("d add", a=5, b=2)]


def order(bench: Bench) -> list[str]:
    return [event.node_id for event in bench.events if isinstance(event, NodeFinished)]


def test_a_worker_that_keeps_the_order_runs_nodes_in_the_order_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeWorkers, "keeps_order", True)
    monkeypatch.setattr(FakeWorkers, "accepts", lambda workers, spec: spec.type == "add")
    bench = bench_with(size=1).grow(NODES).run()
    assert (order(bench), started(bench)) == (["a", "b", "c", "d"], ["add", "add", "add"])
    assert [event.worker for event in bench.events if isinstance(event, NodeFinished)] == ["w1", "", "w1", "w1"]


def test_a_worker_runs_only_the_nodes_that_it_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    def accepts(workers: FakeWorkers, spec: InvocationSpec) -> bool:
        return spec.type == "mul"

    monkeypatch.setattr(FakeWorkers, "accepts", accepts)
    assert started(bench_with().grow(NODES).run()) == ["mul"]


def test_a_step_that_a_worker_returns_runs_here_without_a_note_or_a_retry() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        return [WorkerExcluded(worker, "it has other tasks", True), StepReturned(worker, task.number, task.attempt, 0)]

    bench = bench_with(answer, size=1).grow(NODES[:1]).run()
    (done,) = [event for event in bench.events if isinstance(event, NodeFinished)]
    assert (done.outputs, done.worker) == ({"value": 3}, "")
    assert [event.note for event in bench.events if isinstance(event, LogMessage)] == [False]
    assert not [event for event in bench.events if isinstance(event, NodeRetried)]
    assert len([entry for entry in bench.session.log if isinstance(entry, Began)]) == 1


def test_a_worker_that_is_left_out_without_a_reason_is_not_mentioned() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        return [WorkerLost(worker, "its connection ended"), WorkerExcluded(worker, "")]

    bench = bench_with(answer, size=1).grow(NODES[:1]).run()
    assert bench.values("a") == [3]
    assert not [event for event in bench.events if isinstance(event, LogMessage)]


def test_workers_are_not_made_for_nodes_that_stay_here() -> None:
    bench = bench_with().grow([node("a clock"), node("m model", name="fox")])
    bench.run()
    assert bench.invoker._workers is None
    bench.grow(NODES[1:2]).run()
    assert workers_of(bench).given
