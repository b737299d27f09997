"""The contract of all kinds of workers, tried with those of tests, with worker processes and with a warm engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from invocations.events import LogMessage, NodeProgress, NodeRetried
from invocations.local import LocalServices, local_catalog
from invocations.local_processes import processes
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepReport,
    StepStarted,
    StepStopped,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
    WorkerStarting,
)
from invocations.running.workers.task import TaskStep, WorkerTask
from tests.invocations.running.engine.engine_bench import EngineBench
from tests.invocations.running.workers.fake_workers import FakeWorkers
from tests.invocations.running.workers.worker_nodes import settings_with_nodes
from tests.processes import is_running

LONG_S = 60.0  # no test waits this long unless it fails


def fake(folder: Path) -> Iterator[Workers]:
    settings = settings_with_nodes(folder)
    yield FakeWorkers(2, LocalServices(settings), catalog=local_catalog(settings))


def in_processes(folder: Path) -> Iterator[Workers]:
    settings = settings_with_nodes(folder)
    yield processes(settings, 2, LocalServices(settings).computing)


def in_engine(folder: Path) -> Iterator[Workers]:
    with TemporaryDirectory(prefix="engine-") as short:  # the path of a socket must be short
        engine = EngineBench(Path(short))
        yield engine.client()
        engine.close()


@pytest.fixture(scope="module", params=[fake, in_processes, in_engine], ids=["fake", "processes", "engine"])
def workers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Yield workers of each kind, which are closed at the end."""
    for made in request.param(tmp_path_factory.mktemp("workers")):
        yield made
        made.close()


@pytest.fixture
def ready(workers: Workers) -> dict[str, WorkerInfo]:
    """Return all workers once they are ready."""
    found = {info.id: info for info in workers.start()}
    while len(found) < workers.size:
        report = heard(workers)
        if isinstance(report, WorkerReady):
            found[report.info.id] = report.info
    return found


@pytest.fixture
def worker(ready: dict[str, WorkerInfo]) -> str:
    """Return the id of the last worker, which is ready."""
    return max(ready)


def heard(workers: Workers) -> WorkerReport:
    """Return the next report, except that a worker is being started."""
    report = workers.next_report(LONG_S)
    assert report is not None
    return heard(workers) if isinstance(report, WorkerStarting) else report


NUMBERS = iter(range(1, 1000))


def given(workers: Workers, worker: str, type_: str, **inputs: Any) -> int:
    """Give a task of one step to a worker and return its number."""
    number = next(NUMBERS)
    step = TaskStep("n", type_, "1.0.0", (0,), inputs)
    workers.submit(worker, WorkerTask(number, 2, "session", (step,)))
    return number


def answer(workers: Workers) -> StepReport:
    """Return the next report on a step that is neither its start nor an event."""
    while True:
        report = heard(workers)
        if isinstance(report, StepReport) and not isinstance(report, (StepStarted, StepEmitted)):
            return report


def event(workers: Workers) -> StepEmitted:
    """Return the next event of a step that has started."""
    report = heard(workers)
    assert isinstance(report, StepEmitted)
    return report


def begun(workers: Workers) -> StepStarted:
    """Return that a step has started."""
    report = heard(workers)
    assert isinstance(report, StepStarted)
    return report


def test_workers_that_are_ready_have_different_ids_and_name_their_device(
    workers: Workers, ready: dict[str, WorkerInfo]
) -> None:
    assert len(ready) == workers.size
    assert {info.device for info in ready.values()} == {"cpu"}
    assert {info.id for info in workers.start()} <= ready.keys()


def test_a_step_is_answered_with_its_result_by_the_worker_that_has_it(workers: Workers, worker: str) -> None:
    number = given(workers, worker, "tally", a=2, b=3)
    report = answer(workers)
    assert isinstance(report, StepFinished)
    assert (report.worker, report.number, report.attempt, report.step) == (worker, number, 2, 0)
    assert report.result.outputs == {"value": 5}
    assert report.result.facts["pid"] > 0
    assert report.seconds >= 0


def test_events_of_a_step_come_before_its_result_and_name_the_node(workers: Workers, worker: str) -> None:
    number = given(workers, worker, "tally", a=1, steps=500)
    assert begun(workers).number == number
    events = []
    while isinstance(report := heard(workers), StepEmitted):
        events.append(report.event)
        assert report.number == number
    assert isinstance(report, StepFinished)
    assert {type(event) for event in events} == {NodeProgress}
    assert [event.step for event in events if isinstance(event, NodeProgress)][:: len(events) - 1] == [1, 500]
    assert {(event.session_id, event.node_id, event.node_type, event.path) for event in events} == {
        ("session", "n", "tally", (0,))
    }


def test_a_step_that_fails_is_answered_with_its_error(workers: Workers, worker: str) -> None:
    given(workers, worker, "refuse", a=13)
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert (report.error.type, report.error.message, report.error.inputs) == (
        "ValueError",
        "13 is not liked",
        {"a": 13},
    )
    assert "ValueError" in report.error.trace


def test_a_result_that_cannot_be_sent_is_a_failure(workers: Workers, worker: str) -> None:
    given(workers, worker, "odd", a=1)
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert report.error.message == "Object of type set is not JSON serializable"


def test_progress_that_cannot_be_sent_is_dropped(workers: Workers, worker: str) -> None:
    number = given(workers, worker, "fancy", a=1)
    assert begun(workers).number == number
    report = heard(workers)
    assert isinstance(report, StepFinished)
    assert report.result.outputs == {"value": 1}


def test_more_than_a_socket_holds_is_sent_in_both_directions(workers: Workers, worker: str) -> None:
    given(workers, worker, "chatter", a=3000, text="x" * 500_000)
    begun(workers)
    assert [type(event(workers).event) for _ in range(3000)] == [LogMessage] * 3000
    report = heard(workers)
    assert isinstance(report, StepFinished)
    assert report.result.outputs == {"value": 500_000}


def test_a_step_that_runs_out_of_memory_runs_again_in_slices(workers: Workers, worker: str) -> None:
    given(workers, worker, "crowd", a=4)
    begun(workers)
    assert isinstance(event(workers).event, NodeRetried)
    found = answer(workers)
    assert isinstance(found, StepFinished)
    assert (found.result.outputs, found.result.facts) == ({"value": 4}, {"in_pieces": True})


@pytest.mark.parametrize(
    ("type_", "version", "message"),
    [
        ("tally", "0.9.0", "the worker has version 1.0.0 of `tally`, not 0.9.0"),
        ("nothing", "1.0.0", "the worker does not have `nothing`"),
    ],
)
def test_a_node_that_a_worker_does_not_know_fails(
    workers: Workers, worker: str, type_: str, version: str, message: str
) -> None:
    workers.submit(worker, WorkerTask(next(NUMBERS), 1, "session", (TaskStep("n", type_, version, (), {}),)))
    report = answer(workers)
    assert isinstance(report, StepFailed)
    assert (report.error.code, report.error.message) == ("unknown_type", message)


def test_every_step_of_a_task_is_answered(workers: Workers, worker: str) -> None:
    steps = tuple(TaskStep(f"n{number}", "tally", "1.0.0", (), {"a": number}) for number in range(3))
    workers.submit(worker, WorkerTask(next(NUMBERS), 1, "session", steps))
    report = [answer(workers) for _ in steps]
    assert [each.result.outputs["value"] for each in report if isinstance(each, StepFinished)] == [0, 1, 2]
    assert [each.step for each in report] == [0, 1, 2]


def test_a_cancelled_step_stops_and_its_worker_takes_another(workers: Workers, worker: str) -> None:
    number = given(workers, worker, "linger", a=1)
    begun(workers)
    event(workers)
    workers.cancel(worker, number)
    report = answer(workers)
    assert (type(report), report.number) == (StepStopped, number)
    given(workers, worker, "tally", a=1)
    assert isinstance(answer(workers), StepFinished)


def test_if_there_is_nothing_to_tell_none_is_returned(workers: Workers, worker: str) -> None:
    assert workers.next_report(0.0) is None


def test_a_worker_that_is_ended_is_lost_or_stops_its_step_and_can_be_used_again(workers: Workers, worker: str) -> None:
    number = given(workers, worker, "linger", a=1)
    begun(workers)
    workers.kill(worker)
    report = heard(workers)
    while isinstance(report, StepEmitted):
        report = heard(workers)
    if not isinstance(report, WorkerLost):
        assert report == StepStopped(worker, number, 2, 0)
    assert report.worker == worker
    wait_for(workers, worker)
    given(workers, worker, "tally", a=1)
    assert isinstance(answer(workers), StepFinished)


def wait_for(workers: Workers, worker: str) -> None:
    """Wait until a worker is ready in the next run."""
    if worker not in {info.id for info in workers.start()}:
        while not isinstance(report := heard(workers), WorkerReady) or report.worker != worker:
            pass


@pytest.mark.parametrize("busy", [True, False])
def test_after_closing_no_process_is_left(tmp_path: Path, busy: bool) -> None:
    (workers,) = in_processes(tmp_path)
    workers.start()
    infos = [report.info for report in (heard(workers), heard(workers)) if isinstance(report, WorkerReady)]
    if busy:
        given(workers, infos[0].id, "linger", a=1)
        begun(workers)
    assert all(is_running(info.pid) for info in infos)
    workers.close()
    assert not any(is_running(info.pid) for info in infos)


@pytest.fixture
def open_files() -> Callable[[], set[str]]:
    """Return a function that returns the files, pipes and sockets that this process has open."""
    return lambda: {
        os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if _is_open(number)
    }


def _is_open(number: str) -> bool:
    with suppress(OSError):
        os.stat(f"/proc/self/fd/{number}")
        return True
    return False


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_after_closing_no_socket_is_left(tmp_path: Path, open_files: Callable[[], set[str]]) -> None:
    before = open_files()
    (workers,) = in_processes(tmp_path)
    workers.start()
    workers.close()
    assert not {name for name in open_files() - before if name.startswith("socket:")}
