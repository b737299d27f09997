"""Worker processes that end, never start or are too different, with sockets and a clock of the test."""

from __future__ import annotations

import json

from invocations.cache.base import CachedResult
from invocations.running.workers.reports import (
    StepFinished,
    WorkerExcluded,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerStarting,
)
from invocations.running.workers.task import TaskStep, WorkerTask
from tests.invocations.running.workers.machine import COMPUTING, Machine


def test_workers_report_that_they_are_being_started(machine: Machine) -> None:
    assert machine.all_reports() == [WorkerStarting("w1"), WorkerStarting("w2")]
    machine.join("w1")
    machine.all_reports()
    machine.workers.start()  # of the next run, while one worker is still starting
    assert machine.all_reports() == [WorkerStarting("w2")]
    machine.kill("w1")
    machine.now += 1
    assert machine.all_reports() == [WorkerLost("w1", "signal 9")]
    machine.now += 1
    assert machine.all_reports() == [WorkerStarting("w1")]


def test_a_run_that_still_uses_workers_learns_that_they_have_been_closed(machine: Machine) -> None:
    machine.join("w1")
    machine.all_reports()
    assert machine.workers.in_use.acquire(blocking=False)
    machine.workers.close()
    assert machine.all_reports() == [WorkerLost(worker, "the program is ending") for worker in ("w1", "w2")]
    assert machine.workers.next_report(0.0) is None


def test_a_worker_that_ended_is_started_again_after_one_and_then_two_seconds(machine: Machine) -> None:
    for seconds in (1.0, 2.0):
        machine.kill("w1")
        assert machine.reports() == [WorkerLost("w1", "signal 9")]
        count = len(machine.started)
        machine.now += seconds - 0.01
        assert (machine.reports(), len(machine.started)) == ([], count)
        machine.now += 0.01
        assert (machine.reports(), machine.started[count:]) == ([], ["w1"])


def test_a_worker_that_ends_three_times_without_a_result_is_left_out(machine: Machine) -> None:
    for _ in range(3):
        machine.kill("w2")
        report = machine.reports()
        machine.now += 5
        machine.reports()
    assert report == [
        WorkerLost("w2", "signal 9"),
        WorkerExcluded("w2", "it ended 3 times without a result (signal 9)"),
    ]
    assert machine.started.count("w2") == 3


def test_the_next_run_starts_a_worker_that_was_left_out(machine: Machine) -> None:
    for _ in range(3):
        machine.kill("w2")
        machine.reports()
        machine.now += 5
        machine.reports()
    machine.workers.start()
    assert machine.started.count("w2") == 4


def test_a_result_resets_the_count_of_losses(machine: Machine) -> None:
    for number in range(6):
        machine.join("w1")
        machine.workers.submit("w1", WorkerTask(number, 1, "s", (TaskStep("n", "add", "1", (), {}),)))
        machine.send("w1", StepFinished("w1", number, 1, 0, CachedResult({}, {})))
        assert [type(report) for report in machine.reports()] == [WorkerReady, StepFinished]
        machine.kill("w1")
        assert machine.reports() == [WorkerLost("w1", "signal 9")]
        machine.now += 1
        machine.reports()
    assert machine.started.count("w1") == 7


def test_a_worker_that_ends_three_times_during_one_task_is_not_excluded(machine: Machine) -> None:
    for number in (1, 1, 1, 2, 1):
        machine.join("w1")
        machine.reports()
        machine.workers.submit("w1", WorkerTask(number, 1, "s", (TaskStep("n", "add", "1", (), {}),)))
        machine.kill("w1")
        assert machine.reports() == [WorkerLost("w1", "signal 9")]
        machine.now += 2
        machine.reports()
    machine.kill("w1")
    assert [type(report) for report in machine.reports()] == [WorkerLost, WorkerExcluded]


def test_a_worker_with_another_version_is_left_out_and_ended(machine: Machine) -> None:
    machine.join("w1", {**COMPUTING, "torch": "2"})
    assert machine.reports() == [WorkerExcluded("w1", "its torch is 2 instead of 1")]
    assert machine.processes["w1"].killed
    machine.now += 60
    assert (machine.reports(), machine.started) == ([], ["w1", "w2"])


def test_a_worker_that_cannot_start_is_left_out() -> None:
    machine = Machine(1)
    machine.fails = True
    assert machine.workers.start() == []
    assert machine.reports() == [WorkerExcluded("w1", "it cannot start: cannot allocate memory")]
    machine.close()


def test_messages_that_arrive_in_pieces_are_put_together(machine: Machine) -> None:
    report = WorkerReady("w1", WorkerInfo("w1", "cpu", 1, "here", COMPUTING))
    line = json.dumps(report.to_json()).encode() + b"\n"
    machine.processes["w1"].link.sendall(line[:7])
    assert machine.reports() == []
    machine.processes["w1"].link.sendall(line[7:] + line)
    assert machine.reports() == [report, report]


def test_an_incomplete_last_message_of_a_worker_that_died_is_ignored(machine: Machine) -> None:
    machine.processes["w1"].link.sendall(b'{"report": "joi')
    machine.kill("w1")
    assert machine.reports() == [WorkerLost("w1", "signal 9")]


def test_a_worker_that_is_ended_on_purpose_is_started_at_once_and_not_counted(machine: Machine) -> None:
    for _ in range(5):
        machine.workers.kill("w1")
        assert machine.reports() == [WorkerLost("w1", "signal 9")]
    assert machine.started.count("w1") == 6


def test_only_workers_without_a_task_are_ready(machine: Machine) -> None:
    machine.join("w1")
    machine.join("w2")
    machine.reports()
    machine.workers.submit("w1", WorkerTask(1, 1, "s", (TaskStep("n", "add", "1", (), {}),)))
    assert [info.id for info in machine.workers.start()] == ["w2"]


def test_what_an_earlier_run_did_not_hear_is_dropped(machine: Machine) -> None:
    machine.kill("w1")
    machine.reports()
    machine.now += 1
    machine.kill("w2")
    machine.workers._read("w2")
    machine.workers.start()
    assert machine.reports() == []
