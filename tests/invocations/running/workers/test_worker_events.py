"""While a run with workers or batches is in progress, its events say where each node runs and how the workers are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from invocations.events import Event
from invocations.running.base import Batching
from invocations.running.workers.pool import Pool
from invocations.running.workers.reports import (
    StepStarted,
    WorkerExcluded,
    WorkerImporting,
    WorkerLost,
    WorkerReport,
    WorkerStarting,
)
from invocations.running.workers.task import WorkerTask
from invocations.running.workers.worker_events import NodeAssigned, WorkerChanged
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.running.workers.fake_workers import Answering, FakeWorkers


def bench_with(answer: Answering = lambda worker, task: None, size: int = 2) -> Bench:
    services: Any = NoServices()
    return Bench(workers=FakeWorkers(size, services, answer))


def states(bench: Bench) -> list[tuple[str, str, str]]:
    return [
        (event.worker, event.state, event.device) for event in bench.worker_events if isinstance(event, WorkerChanged)
    ]


def places(bench: Bench) -> list[tuple[str, str, str, int]]:
    return [
        (event.node_id, event.worker, event.device, event.batch)
        for event in bench.worker_events
        if isinstance(event, NodeAssigned)
    ]


def test_an_event_names_the_worker_that_begins_a_node_and_its_device() -> None:
    bench = bench_with().grow([node("a add", a=1), node("b add", a=2)]).run()
    ready = [("w1", "ready", "cpu"), ("w2", "ready", "cpu")]
    assert states(bench)[:2] == ready  # and again after their nodes
    assert sorted(states(bench)[2:]) == ready
    assert places(bench) == [("a", "w1", "cpu", 1), ("b", "w2", "cpu", 1)]


def test_a_node_that_runs_in_this_process_has_no_worker() -> None:
    bench = bench_with().grow([node("a add", a=1), node("m model", name="fox")]).run()
    assert sorted(places(bench)) == [("a", "w1", "cpu", 1), ("m", "", "", 1)]


def test_a_node_of_a_lost_worker_is_assigned_again() -> None:
    left = iter(range(1))

    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if next(left, None) is None:
            return None
        return [
            StepStarted(worker, task.number, task.attempt, 0),
            WorkerLost(worker, "signal 9"),
            WorkerStarting(worker),
        ]

    bench = bench_with(answer).grow([node("a add", a=1)]).run()
    assert states(bench)[2:4] == [("w1", "lost", ""), ("w1", "starting", "")]
    assert [worker for _, worker, _, _ in places(bench)] == ["w1", "w2"]


def test_a_worker_that_gets_no_more_nodes_is_excluded() -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        return [WorkerLost(worker, "signal 9"), WorkerExcluded(worker, "it ended")]

    bench = bench_with(answer, size=1).grow([node("a add", a=1)]).run()
    assert states(bench)[1:] == [("w1", "lost", ""), ("w1", "excluded", "")]
    assert places(bench) == [("a", "", "", 1)]


def test_events_about_workers_are_json_data_and_are_not_stored() -> None:
    bench = bench_with(size=1).grow([node("a add", a=1)]).run()
    ready, begun, *_ = [json.loads(json.dumps(event.to_json())) for event in bench.worker_events]
    assert (ready["event"], ready["worker"], ready["state"]) == ("worker_changed", "w1", "ready")
    assert (begun["event"], begun["node_id"], begun["worker"], begun["batch"]) == ("node_assigned", "a", "w1", 1)
    assert {type(entry) for entry in bench.session.log}.isdisjoint({NodeAssigned, WorkerChanged})


def test_without_workers_and_batches_no_node_is_assigned() -> None:
    bench = Bench().grow([node("a add", a=1), node("m model", name="fox")]).run()
    assert bench.worker_events == []


def test_the_nodes_of_a_batch_are_assigned_together() -> None:
    bench = Bench()
    bench.invoker.batching = Batching(3)
    bench.grow([node(f"p{number} press", a=number) for number in range(3)]).run()
    assert places(bench) == [("p0", "", "", 3), ("p1", "", "", 3), ("p2", "", "", 3)]


def test_workers_that_go_on_in_another_run_report_to_that_run() -> None:
    first: list[Event] = []
    second: list[Event] = []
    attempt: Any = None
    pool = Pool(FakeWorkers(1, NoServices()), attempt, first.append, lambda id_: False)
    pool.continue_for(attempt, second.append, lambda id_: False)
    pool._handle(WorkerStarting("w1"))
    assert (first, [event.event for event in second]) == ([], ["worker_changed"])


def test_the_library_that_a_worker_imports_is_in_an_event() -> None:
    found: list[Event] = []
    attempt: Any = None
    pool = Pool(FakeWorkers(1, NoServices()), attempt, found.append, lambda id_: False)
    for library in ("torch", ""):
        pool._handle(WorkerImporting("w1", library))
    assert [(event.state, event.library) for event in found if isinstance(event, WorkerChanged)] == [
        ("importing", "torch"), ("importing", ""),
    ]  # fmt: skip
