"""Batches that workers run: how they are divided, and what becomes of each node when others fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from invocations.cache.base import MemoryCache
from invocations.events import NodeProgress, NodeRetried, SessionCancelled
from invocations.running.base import Batching
from invocations.running.workers.reports import StepStarted, WorkerLost, WorkerReport
from invocations.running.workers.task import WorkerTask
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.kitchen_batches import Press
from tests.invocations.running.test_batches import finished, pressed
from tests.invocations.running.workers.fake_workers import FakeWorkers

MakeBench = Callable[..., Bench]


def with_workers(make_bench: MakeBench, numbers: list[int], most: int, size: int = 1, **how: Any) -> Bench:
    """Run `press` nodes in batches that workers run."""
    workers = FakeWorkers(size, NoServices(), **how)
    bench = make_bench(cache=MemoryCache(), workers=workers)
    return pressed(bench, numbers, most)


def test_a_worker_runs_a_batch_at_once(make_bench: MakeBench) -> None:
    bench = with_workers(make_bench, [1, 2, 3, 4, 5], 2)
    assert Press.batches == [[1, 2], [3, 4], [5]]
    assert [bench.values(f"p{place}") for place in range(5)] == [[2], [4], [6], [8], [10]]
    assert {event.node_id: (event.batch, event.worker) for event in finished(bench)} == {
        "p0": (2, "w1"), "p1": (2, "w1"), "p2": (2, "w1"), "p3": (2, "w1"), "p4": (1, "w1"),
    }  # fmt: skip
    progress = [event.node_id for event in bench.events if isinstance(event, NodeProgress)]
    assert progress == ["p0", "p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(("size", "batches"), [(1, [4]), (2, [2, 2]), (3, [2, 2]), (8, [1, 1, 1, 1])])
def test_a_batch_that_is_not_full_is_divided_among_the_workers(
    make_bench: MakeBench, size: int, batches: list[int]
) -> None:
    bench = with_workers(make_bench, [1, 2, 3, 4], 8, size)
    assert [len(batch) for batch in Press.batches] == batches
    assert {event.node_id: event.batch for event in finished(bench)} == dict.fromkeys(
        ("p0", "p1", "p2", "p3"), batches[0]
    )


@pytest.mark.parametrize("workers", [False, True])
def test_the_time_for_loading_a_model_is_divided_among_the_nodes_of_a_batch(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, workers: bool
) -> None:
    def loads(cls: type[Press], items: Any) -> Any:
        items[0][1].load_seconds += 3.0
        return whole(cls, items)

    whole = Press.invoke_many.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Press, "invoke_many", classmethod(loads))
    bench = with_workers(make_bench, [1, 2, 3], 3) if workers else pressed(make_bench(), [1, 2, 3], 3)
    assert [event.load_seconds for event in finished(bench)] == [1.0, 1.0, 1.0]


def test_a_node_that_is_refused_in_a_worker_fails_alone(make_bench: MakeBench) -> None:
    bench = with_workers(make_bench, [1, 13, 3], 8)
    assert Press.batches == [[1, 13, 3], [1], [13], [3]]
    assert bench.failed() == ["p1"]
    assert (bench.values("p0"), bench.values("p2")) == ([2], [6])


def test_a_worker_that_runs_out_of_memory_halves_the_batch(make_bench: MakeBench) -> None:
    Press.room = 2
    bench = with_workers(make_bench, [1, 2, 3, 4, 5], 8)
    assert [len(batch) for batch in Press.batches] == [5, 3, 2, 2, 1]
    assert [bench.values(f"p{place}") for place in range(5)] == [[2], [4], [6], [8], [10]]


def test_after_a_worker_ran_out_of_memory_later_batches_are_as_small_as_those_that_fit(make_bench: MakeBench) -> None:
    Press.room = 2
    bench = with_workers(make_bench, [*range(14, 26)], 4)
    assert [len(batch) for batch in Press.batches] == [4, 2, 2, 2, 2, 2, 2]
    assert {event.batch for event in finished(bench)} == {2}


def test_a_batch_of_two_that_does_not_fit_is_not_tried_again(make_bench: MakeBench) -> None:
    Press.room = 1
    for bench in (pressed(make_bench(), [1, 2, 3, 4], 2), with_workers(make_bench, [5, 6, 7, 8], 2)):
        assert {event.batch for event in finished(bench)} == {1}
    assert [len(batch) for batch in Press.batches] == [2, 1, 1, 1, 1] * 2


def test_nodes_with_the_same_inputs_are_computed_once_by_workers(make_bench: MakeBench) -> None:
    bench = with_workers(make_bench, [1, 2, 1, 1], 8)
    assert Press.batches == [[1, 2]]
    assert sorted(bench.reused()) == ["p2", "p3"]


def test_cancelling_stops_a_batch_in_a_worker(make_bench: MakeBench) -> None:
    bench = make_bench(cache=MemoryCache(), workers=FakeWorkers(1, NoServices()))
    bench.invoker.batching = Batching(2)
    bench.grow([node(f"p{a} slow-press", a=a) for a in range(4)])
    run = bench.invoker.run(bench.session.id)
    for event in run:
        if isinstance(event, NodeProgress):
            run.cancel()
        last = event
    assert isinstance(last, SessionCancelled)
    assert not any(bench.values(f"p{a}") for a in range(4))
    assert Press.batches == [[0, 1]]


def test_the_nodes_of_a_batch_whose_worker_ended_run_one_by_one(make_bench: MakeBench) -> None:
    def answer(worker: str, task: WorkerTask) -> list[WorkerReport] | None:
        if worker == "w1" and len(task.steps) > 1:
            started = [StepStarted(worker, task.number, task.attempt, place) for place in range(len(task.steps))]
            return [*started, WorkerLost(worker, "signal 9")]
        return None

    bench = with_workers(make_bench, [1, 2, 3], 3, size=2, answer=answer)
    assert sorted(Press.batches) == [[1], [2], [3]]
    assert [bench.values(f"p{place}") for place in range(3)] == [[2], [4], [6]]
    assert sorted(event.node_id for event in bench.events if isinstance(event, NodeRetried)) == ["p0", "p1", "p2"]
    assert len(finished(bench)) == 3
