"""Runs with workers: what is lost runs again elsewhere, nothing counts twice, and what cannot leave stays here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from invocations.cache.base import CachedResult, MemoryCache
from invocations.events import LogMessage, NodeFailed, NodeFinished, NodeRetried
from invocations.running.workers.reports import (
    StepFailed,
    StepFinished,
    StepStarted,
    StepStopped,
    WorkerExcluded,
    WorkerLost,
    WorkerReport,
)
from invocations.running.workers.task import WorkerTask
from invocations.services.errors import SaveFailed
from invocations.sessions.journal import Began
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.running.workers.fake_workers import Answering, FakeWorkers


def bench_with(answer: Answering = lambda worker, task: None, size: int = 2, *, cached: bool = True) -> Bench:
    services: Any = NoServices()
    cache = MemoryCache() if cached else None
    return Bench(cache=cache, workers=FakeWorkers(size, services, answer))


def workers_of(bench: Bench) -> FakeWorkers:
    workers = bench.invoker.workers
    assert isinstance(workers, FakeWorkers)
    return workers


def started(bench: Bench) -> list[str]:
    """Return the type of each step that was given to a worker."""
    return [task.steps[0].type for _, task in workers_of(bench).given]


def test_what_is_done_elsewhere_is_recorded_with_its_worker_and_device() -> None:
    bench = bench_with(lambda worker, task: [answers_of(task, 3)], size=1).grow([node("a add", a=1, b=2)]).run()
    (done,) = [event for event in bench.session.history if isinstance(event, NodeFinished)]
    assert (done.outputs, done.worker, done.device, done.seconds) == ({"value": 3}, "w1", "cpu", 0.5)
    assert done.queue_seconds >= 0
    assert bench.reopen().session.history[-1] == done


def test_two_steps_with_one_cache_key_run_once() -> None:
    bench = bench_with().grow([node("a add", a=1, b=2), node("b add", a=1, b=2), node("c add", a=2, b=2)]).run()
    assert bench.values("a") + bench.values("b") + bench.values("c") == [3, 3, 4]
    assert len(workers_of(bench).given) == 2
    assert bench.reused() == ["b"]


def test_a_step_whose_twin_failed_runs_itself() -> None:
    bench = bench_with().grow([node("a picky", a=13), node("b picky", a=13)]).run()
    assert bench.failed() == ["a", "b"]
    assert started(bench) == ["picky", "picky"]


def test_without_a_cache_every_step_runs() -> None:
    bench = bench_with(cached=False).grow([node("a add", a=1), node("b add", a=1)]).run()
    assert (bench.ran(), len(workers_of(bench).given)) == (["a", "b"], 2)


def test_a_node_whose_result_is_never_cached_stays_in_this_process() -> None:
    bench = bench_with().grow([node("a clock"), node("m model", name="fox")]).run()
    assert (bench.ran(), started(bench)) == (["a", "m"], [])


def test_a_node_that_needs_the_session_runs_in_this_process() -> None:
    bench = bench_with().grow([node("a witness", a=1), node("b witness", a=2)]).run()
    assert bench.values("a") + bench.values("b") == [1, 1]
    assert {event.worker for event in bench.events if isinstance(event, NodeFinished)} == {""}


def dying(worker: str, times: int) -> Answering:
    """Return answers in which a worker ends at its first task, `times` times."""
    left = iter(range(times))

    def answer(which: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if which != worker or next(left, None) is None:
            return None
        return [StepStarted(worker, task.number, task.attempt, 0), WorkerLost(worker, "signal 9")]

    return answer


def test_a_step_of_a_worker_that_ended_runs_elsewhere() -> None:
    bench = bench_with(dying("w1", 1)).grow([node("a add", a=1, b=2), node("b add", a=5, b=5)]).run()
    assert sorted(bench.ran()) == ["a", "b"]
    assert [(worker, task.attempt) for worker, task in workers_of(bench).given if task.number == 1] == [
        ("w1", 1), ("w2", 2)
    ]  # fmt: skip
    (again,) = [event for event in bench.events if isinstance(event, NodeRetried)]
    assert again.reason == "worker w1 crashed (signal 9): running the node again"
    assert {event.worker for event in bench.events if isinstance(event, NodeFinished)} == {"w2"}


def test_a_step_that_had_not_started_when_its_worker_ended_is_not_blamed() -> None:
    left = iter(range(5))

    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if next(left, None) is None:
            return None
        workers.lose(worker)
        return []

    bench = bench_with(answer, size=1)
    workers = workers_of(bench)
    bench.grow([node("a add", a=1, b=2)]).run()
    assert (bench.values("a"), len(workers.given)) == ([3], 6)
    assert [event for event in bench.events if isinstance(event, NodeRetried)] == []
    assert sum(isinstance(entry, Began) for entry in bench.session.log) == 1


def test_a_node_that_ends_three_workers_is_quarantined_and_the_others_run() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].inputs["a"] != 13:
            return None
        workers.tell(StepStarted(worker, task.number, task.attempt, 0))
        workers.lose(worker)
        return []

    bench = bench_with(answer)
    workers = workers_of(bench)
    bench.grow([node("bad add", a=13), *(node(f"n{number} add", a=number) for number in range(6))]).run()
    (failed,) = [event for event in bench.events if isinstance(event, NodeFailed)]
    message = "it crashed three processes (signal 9), so it is quarantined"
    assert (failed.node_id, failed.error.code, failed.error.message) == ("bad", "set_aside", message)
    assert [task.attempt for _, task in workers.given if task.steps[0].node_id == "bad"] == [1, 2, 3]
    assert sorted(bench.ran()) == [f"n{number}" for number in range(6)]


class SlowWorkers(FakeWorkers):
    """Workers that start again only while the run waits for them."""

    def lose(self, worker: str) -> None:
        self.tell(WorkerLost(worker, "signal 9"))
        self.ended.append(worker)

    def next_report(self, seconds: float) -> WorkerReport | None:
        if seconds and self.ended:
            self._join(self.ended.pop())
        return super().next_report(seconds)


def test_steps_wait_for_a_worker_that_starts_again_after_a_node_was_quarantined() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].inputs["a"] != 13:
            return None
        workers.tell(StepStarted(worker, task.number, task.attempt, 0))
        workers.lose(worker)
        return []

    services: Any = NoServices()
    workers = SlowWorkers(1, services, answer)
    bench = Bench(cache=MemoryCache(), workers=workers)
    bench.grow([node("bad add", a=13), node("b add", a=1), node("c add", a=2)]).run()
    assert (bench.failed(), sorted(bench.ran())) == (["bad"], ["b", "c"])
    assert {event.worker for event in bench.events if isinstance(event, NodeFinished)} == {"w1"}


def answers_of(task: WorkerTask, value: int, *, number: int = 0, attempt: int = 0) -> StepFinished:
    result = CachedResult({"value": value}, {})
    return StepFinished("w1", task.number + number, task.attempt + attempt, 0, result, seconds=0.5)


def test_an_answer_that_comes_twice_or_late_or_for_another_attempt_is_dropped() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        wrong = [answers_of(task, 7, attempt=1), answers_of(task, 8, number=5)]
        return [*wrong, answers_of(task, 1), answers_of(task, 9), StepFailed("w1", task.number, task.attempt, 0, error)]

    failed = Bench().grow([node("p picky", a=13)]).run().events[-2]
    assert isinstance(failed, NodeFailed)
    error = failed.error
    bench = bench_with(answer, size=1).grow([node("a add", a=1), node("b add", a=2)]).run()
    assert (bench.values("a"), bench.values("b"), bench.failed()) == ([1], [1], [])
    assert sorted(bench.ran()) == ["a", "b"]


def test_if_no_worker_is_left_this_process_does_the_work_and_says_so() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        return [WorkerLost(worker, "signal 9"), WorkerExcluded(worker, "it ended 3 times without a result (signal 9)")]

    bench = bench_with(answer, size=1).grow([node("a add", a=1), node("b add", a=2), node("c add", a=1)]).run()
    assert sorted(bench.ran()) == ["a", "b", "c"]
    (note,) = [event for event in bench.events if isinstance(event, LogMessage)]
    assert note.note
    assert note.message == (
        "worker w1 is no longer used: it ended 3 times without a result (signal 9); "
        "the remaining nodes run in this process"
    )


def test_a_worker_that_does_not_stop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        run.cancel()
        return []

    monkeypatch.setattr("invocations.running.workers.pool.GRACE_S", 0.0)
    bench = bench_with(answer, size=1).grow([node("s slow")])
    run = bench.invoker.run(bench.session.id)
    bench.sort(run)
    assert [event.event for event in bench.events] == ["node_started", "session_cancelled"]
    assert workers_of(bench).ended == ["w1"]


def test_a_cancelled_step_that_was_done_already_counts() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport]:
        run.cancel()
        return [answers_of(task, 5)]

    bench = bench_with(answer, size=1).grow([node("a add", a=1), node("b add", a=2)])
    run = bench.invoker.run(bench.session.id)
    bench.events = [*run]
    assert (bench.ran(), bench.values("a"), bench.events[-1].event) == (["a"], [5], "session_cancelled")


def test_a_second_run_does_its_work_here_while_another_run_uses_the_workers(held: Any) -> None:
    bench = bench_with(size=1).grow([node("a add", a=1)])
    with workers_of(bench).in_use:
        assert bench.run().values("a") == [1]
    assert started(bench) == []
    assert bench.grow([node("b add", a=2)]).run().values("b") == [2]
    assert started(bench) == ["add"]


def test_a_cancelled_run_keeps_what_is_done_and_its_workers_are_free_for_the_next_run() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].node_id == "a":
            return None
        run.cancel()
        return [StepStopped(worker, task.number, task.attempt, 0)]

    bench = bench_with(answer, size=1).grow([node("a add", a=1), node("b add", a=2), node("c add", a=3)])
    run = bench.invoker.run(bench.session.id)
    bench.events = [*run]
    assert (bench.ran(), bench.events[-1].event, workers_of(bench).ended) == (["a"], "session_cancelled", [])
    workers_of(bench).answer = lambda worker, task: None
    assert sorted(bench.run().ran()) == ["b", "c"]


def test_results_of_this_process_are_written_before_a_worker_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    bench = bench_with(lambda worker, task: None if written else [])
    monkeypatch.setattr(NoServices, "flush", lambda services: written.append(1))
    assert bench.grow([node("a add", a=1, b=2)]).run().values("a") == [3]


def test_a_step_stays_in_this_process_if_the_results_that_it_may_need_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(services: NoServices) -> None:
        raise SaveFailed("the image store", "the disk is full")

    monkeypatch.setattr(NoServices, "flush", full)
    bench = bench_with().grow([node("a add", a=1, b=2)]).run()
    assert (bench.values("a"), started(bench)) == ([3], [])


def test_closing_the_invoker_closes_its_workers() -> None:
    workers = workers_of(bench := bench_with())
    bench.invoker.close()
    assert workers.closed
