"""Runs whose steps stop, or whose reports come late: nothing is taken for done, and what is done counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from invocations.cache.base import MemoryCache
from invocations.errors import Cancelled
from invocations.events import NodeError
from invocations.running.context import SESSION_NEEDED
from invocations.running.workers.reports import StepFailed, StepFinished, StepStopped, WorkerReport
from invocations.running.workers.task import WorkerTask
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.kitchen import Add
from tests.invocations.running.workers.fake_workers import FakeWorkers
from tests.invocations.running.workers.test_pool import answers_of, bench_with, started, workers_of

NODES = [node("a add", a=1, b=2), node("b add", a=5)]


@pytest.mark.parametrize("is_remote", [False, True], ids=["in this process", "in a worker"])
def test_a_node_that_stops_by_itself_cancels_the_run(monkeypatch: pytest.MonkeyPatch, is_remote: bool) -> None:
    def stop(*_: object) -> None:
        raise Cancelled

    with monkeypatch.context() as changed:
        changed.setattr(Add, "invoke", stop)
        bench = (bench_with(size=1) if is_remote else Bench()).grow(NODES).run()
        assert (bench.ran(), bench.events[-1].event) == ([], "session_cancelled")
        assert started(bench) == ["add"] if is_remote else True
    assert sorted(bench.run().ran()) == ["a", "b"]


def test_a_step_that_a_worker_stops_by_itself_cancels_the_run_and_stops_the_others() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        if task.steps[0].node_id == "a":
            return []
        workers.cancel = lambda worker, number: stopped.append(number)  # type: ignore[method-assign]
        return [StepStopped(worker, task.number, task.attempt, 0)]

    stopped: list[int] = []
    bench = bench_with(answer).grow(NODES)
    workers = workers_of(bench)
    workers.kill = lambda worker: workers.tell(StepStopped("w1", 1, 1, 0))  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("invocations.running.workers.pool.GRACE_S", 0.0)
        bench.run()
    assert (bench.ran(), bench.events[-1].event, stopped) == ([], "session_cancelled", [1])


class HeldWorkers(FakeWorkers):
    """Workers whose reports arrive together once `is_held` is False."""

    is_held = False

    def next_report(self, seconds: float) -> WorkerReport | None:
        return None if self.is_held else super().next_report(seconds)


def held_bench(error: NodeError, before: Callable[[], object]) -> Bench:
    """Return a bench of two workers: the step `a` fails with an error while `c` is finished, after a call of `before`.

    `b` waits for the result of `a`.
    """

    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        if task.steps[0].node_id == "a":
            given.append(task)
            return []
        before()
        workers.is_held = True
        workers.tell(StepFailed("w1", given[0].number, given[0].attempt, 0, error))
        workers.tell(StepFinished(worker, task.number, task.attempt, 0, answers_of(task, 6).result))
        workers.is_held = False
        return []

    given: list[WorkerTask] = []
    services: Any = NoServices()
    workers = HeldWorkers(2, services, answer)
    bench = Bench(cache=MemoryCache(), workers=workers)
    return bench.grow([node("a add", a=1), node("b add", a=1), node("c add", a=6)])


def test_a_cancelled_run_records_results_that_arrive_after_a_step_that_would_run_again() -> None:
    bench = held_bench(NodeError("E", "no", "node_failed"), lambda: run.cancel())
    run = bench.invoker.run(bench.session.id)
    bench.events = [*run]
    assert (bench.failed(), bench.ran(), bench.events[-1].event) == (["a"], ["c"], "session_cancelled")


def test_results_that_arrive_with_a_step_that_stops_in_this_process_are_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object) -> None:
        raise Cancelled

    monkeypatch.setattr(Add, "invoke", stop)
    bench = held_bench(NodeError("E", "no", SESSION_NEEDED), lambda: None).run()
    assert (bench.failed(), bench.ran(), bench.events[-1].event) == ([], ["c"], "session_cancelled")


def test_the_number_of_a_task_is_not_used_again_by_later_runs() -> None:
    bench = bench_with().grow(NODES).run()
    bench.grow([node("c add", a=7), node("d add", a=8)]).run()
    numbers = [task.number for _, task in workers_of(bench).given]
    assert len({*numbers}) == len(numbers) == 4


def test_the_report_of_a_worker_that_does_not_have_the_task_is_dropped() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        result = answers_of(task, 9).result
        return [StepFinished("w2", task.number, task.attempt, 0, result), answers_of(task, 3)]

    assert bench_with(answer, size=1).grow(NODES[:1]).run().values("a") == [3]


def test_after_a_run_that_broke_off_the_workers_are_free_for_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        return [] if task.steps[0].node_id == "a" else None

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    bench = bench_with(answer).grow(NODES)
    with monkeypatch.context() as changed:
        changed.setattr(bench.store, "append", fail)
        with pytest.raises(OSError, match="the disk is full"):
            bench.run()
    workers = workers_of(bench)
    assert (workers.ended, workers.in_use.locked(), bench.session.running.locked()) == (["w1", "w2"], False, False)
    workers.answer = lambda worker, task: None
    assert sorted(bench.run().ran()) == ["a", "b"]
