"""Clients without an engine: one that is not running, does not start, differs, or crashes."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from invocations.running.engine.client import EngineWorkers
from invocations.running.engine.link import EngineLink, NoEngine, connect
from invocations.running.meter import Used
from invocations.running.workers.reports import StepReturned, WorkerExcluded, WorkerLost, WorkerStarting
from tests.invocations.running.engine.engine_bench import FACTS, EngineBench, a_task, answer, begun, heard


def test_without_an_engine_nothing_is_said_and_the_client_does_the_work(tmp_path: Path, bench: EngineBench) -> None:
    bench.close()
    workers = bench.client("auto")
    assert (workers.start(), workers.next_report(0.0)) == ([], WorkerExcluded("engine", "", is_expected=True))


def test_an_engine_that_differs_is_not_used(bench: EngineBench) -> None:
    workers = EngineWorkers(
        "on", lambda: connect(bench.place, {"torch": "3", "device": "cpu"}), int, bench.client()._crashes
    )
    assert workers.start() == []
    assert workers.next_report(0.0) == WorkerExcluded("engine", "its torch is 2 instead of 3", is_expected=True)


def test_an_engine_that_cannot_be_started_is_not_used(bench: EngineBench) -> None:
    bench.close()
    workers = bench.client()
    assert workers.start() == []
    assert workers.next_report(0.0) == WorkerExcluded(
        "engine", "it cannot start: resource temporarily unavailable", is_expected=True
    )  # fmt: skip


def pipe_with(text: str) -> int:
    ready, theirs = os.pipe()
    os.write(theirs, text.encode())
    os.close(theirs)
    return ready


def test_the_first_need_of_an_engine_starts_it_if_the_setting_is_on(bench: EngineBench) -> None:
    answers = iter([NoEngine("", is_absent=True), connect(bench.place, FACTS)])

    def open_link() -> EngineLink:
        found = next(answers)
        if isinstance(found, NoEngine):
            raise found
        return found

    workers = EngineWorkers("on", open_link, lambda: pipe_with("ready"), bench.client()._crashes)
    assert workers.start() == []
    assert [heard(workers).kind, heard(workers).kind] == ["worker_starting", "worker_ready"]
    workers.close()


@pytest.mark.parametrize(("text", "why"), [("no room", "no room"), ("", "it ended while it was starting")])
def test_an_engine_that_ends_while_it_starts_is_not_used(bench: EngineBench, text: str, why: str) -> None:
    bench.close()
    workers = bench.client(start=lambda: pipe_with(text))
    workers.start()
    assert heard(workers) == WorkerStarting("engine")
    assert heard(workers) == WorkerExcluded("engine", f"it cannot start: {why}", is_expected=True)


def test_an_engine_that_does_not_get_ready_within_a_minute_is_not_used(bench: EngineBench) -> None:
    bench.close()
    now, (ready, theirs) = [0.0], os.pipe()
    workers = bench.client(start=lambda: ready, clock=lambda: now[0])
    workers.start()
    assert [workers.next_report(0.0), workers.next_report(0.0)] == [WorkerStarting("engine"), None]
    now[0] = 60.0
    assert workers.next_report(0.0) == WorkerExcluded("engine", "it does not start", is_expected=True)
    os.close(theirs)


def test_a_crash_loses_the_task_and_the_third_one_within_ten_minutes_is_reported(bench: EngineBench) -> None:
    reports = []
    for _ in range(3):
        ours, theirs = socket.socketpair()
        theirs.sendall(json.dumps({"protocol": 1, "facts": {}}).encode() + b"\n")
        workers = bench.client("auto")
        workers._link = EngineLink(ours, {})
        workers.submit("engine", a_task("tally", a=1))
        theirs.close()
        reports.append([heard(workers), heard(workers)])
    lost = WorkerLost("engine", "its connection ended")
    assert reports[:2] == [[lost, WorkerExcluded("engine", "")]] * 2
    assert reports[2][0] == lost
    assert isinstance(reports[2][1], WorkerExcluded)
    assert reports[2][1].why.startswith("it crashed three times within ten minutes")
    bench.client()._crashes.forget()


def test_an_engine_that_ended_before_it_read_a_task_has_not_crashed(bench: EngineBench) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(json.dumps({"protocol": 1, "facts": {}}).encode() + b'\n{"ending": true}\n')
    workers = bench.client("auto")
    workers._link = EngineLink(ours, {})
    workers.submit("engine", task := a_task("tally", a=1))
    theirs.close()
    assert [heard(workers), heard(workers)] == [
        WorkerExcluded("engine", "it is ending", is_expected=True), StepReturned("engine", task.number, 1, 0)
    ]  # fmt: skip
    assert not os.path.exists(bench.place.crashes)
    workers.close()


def test_an_engine_that_has_ended_between_two_runs_is_no_crash(bench: EngineBench) -> None:
    workers = bench.client("auto")
    begun(workers, a_task("tally", a=1))
    answer(workers)
    bench.close()
    assert workers.start() == []
    assert [workers.next_report(0.0), workers.next_report(0.0)] == [
        WorkerExcluded("engine", "", is_expected=True),
        None,
    ]
    assert not os.path.exists(bench.place.crashes)


@pytest.mark.parametrize(
    ("mode", "seconds", "crashes", "starts"),
    [("auto", 2.1, 0, 1), ("auto", 2.0, 0, 0), ("on", 2.1, 0, 0), ("auto", 2.1, 3, 0), ("auto", 2.1, 2, 1)],
)
def test_auto_starts_an_engine_after_models_took_long_to_load(
    bench: EngineBench, mode: str, seconds: float, crashes: int, starts: int
) -> None:
    bench.close()
    started = []

    def start() -> int:
        started.append(1)
        return pipe_with("ready")

    workers = bench.client(mode, start=start)
    for _ in range(crashes):
        workers._crashes.add()
    workers.start()
    workers.ran_locally(Used(load_seconds=seconds / 2))
    workers.ran_locally(Used(load_seconds=seconds / 2))
    before = len(started)
    workers.close()
    assert len(started) - before == starts


def test_an_engine_is_not_started_for_a_line_that_needed_none(bench: EngineBench) -> None:
    workers = bench.client("auto", start=lambda: pytest.fail("started"))
    workers.close()
