"""Worker processes that end unnoticed, do not read, or send nonsense: the run goes on, and no process is left."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from invocations.cache.base import CachedResult
from invocations.local_processes import processes
from invocations.running.workers.child import Child
from invocations.running.workers.reports import StepFinished, WorkerExcluded, WorkerLost, WorkerReady, WorkerStarting
from invocations.running.workers.task import TaskStep, WorkerTask
from tests.invocations.running.workers.machine import COMPUTING, Machine
from tests.invocations.running.workers.worker_nodes import settings_with_nodes

TASK = WorkerTask(1, 1, "s", (TaskStep("n", "add", "1", (), {}),))


def test_a_worker_that_sends_nonsense_is_killed_and_started_again(machine: Machine) -> None:
    for line in (b"[1]\n", b'{"report": "sung"}\n', b'{"report": "worker_ready", "worker": "w1", "info": {"x": 1}}\n'):
        process = machine.processes["w1"]
        process.link.sendall(line)
        (lost,) = machine.reports()[:1]
        assert isinstance(lost, WorkerLost)
        assert lost.why.startswith("it sent a report that cannot be read: ")
        assert process.killed
        machine.now += 5
        machine.reports()
    assert machine.started.count("w1") == 3


def test_a_worker_that_was_excluded_for_its_version_is_tried_again_by_the_next_run(machine: Machine) -> None:
    excluded = WorkerExcluded("w1", "its torch is 2 instead of 1")
    machine.join("w1", {**COMPUTING, "torch": "2"})
    assert machine.workers.next_report(0.0) is not None  # that workers start
    assert machine.reports() == [excluded]
    machine.workers.start()
    assert machine.started.count("w1") == 2
    machine.join("w1", {**COMPUTING, "torch": "2"})
    assert machine.reports() == [excluded]


def test_the_end_of_a_worker_whose_socket_another_process_holds_is_noticed(machine: Machine) -> None:
    machine.processes["w1"].has_ended = True
    assert machine.reports() == [WorkerLost("w1", "signal 9")]


def test_what_a_worker_sent_before_it_ended_unnoticed_is_read_first(machine: Machine) -> None:
    machine.join("w1")
    machine.processes["w1"].has_ended = True
    assert [type(report) for report in machine.reports()] == [WorkerReady, WorkerLost]


def test_the_reports_of_a_worker_that_was_killed_on_purpose_are_dropped(machine: Machine) -> None:
    machine.join("w1")
    machine.reports()
    machine.workers.submit("w1", TASK)
    machine.send("w1", StepFinished("w1", 1, 1, 0, CachedResult({}, {})))
    machine.workers.kill("w1")
    assert machine.reports() == [WorkerLost("w1", "signal 9")]


def test_a_worker_that_was_killed_on_purpose_is_not_ready_for_the_next_run(machine: Machine) -> None:
    machine.join("w1")
    machine.reports()
    machine.workers.kill("w1")
    assert machine.workers.start() == []


def test_a_worker_that_does_not_read_its_task_is_killed(machine: Machine) -> None:
    machine.join("w1")
    machine.reports()
    machine.workers._running["w1"].link.settimeout(0.01)
    large = TaskStep("n", "add", "1", (), {"a": "x" * 10_000_000})
    machine.workers.submit("w1", WorkerTask(1, 1, "s", (large,)))
    assert machine.processes["w1"].killed
    assert machine.reports() == [WorkerLost("w1", "signal 9")]


def test_a_process_that_is_started_while_the_workers_are_closed_is_killed() -> None:
    class Closing(Machine):
        def start(self, worker: str, index: int) -> Any:
            found = super().start(worker, index)
            self.workers.close()
            return found

    machine = Closing(1)
    machine.workers.start()
    assert machine.processes["w1"].killed
    machine.close()


def test_a_worker_that_cannot_start_says_why_and_is_not_started_again(tmp_path: Path) -> None:
    settings = settings_with_nodes(tmp_path, device="nowhere")
    workers = processes(settings, 1, dict)
    assert workers.start() == []
    reports = [workers.next_report(60) for _ in range(2)]
    assert reports == [
        WorkerStarting("w1"),
        WorkerExcluded("w1", "it cannot start: `nowhere` cannot be used: unknown device"),
    ]
    assert workers.next_report(0.0) is None
    workers.close()


FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="workers need sockets that are passed to processes")
def test_killing_a_process_kills_those_that_it_has_started() -> None:
    child = Child([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.kill()
        assert child.stdout.read() == b""  # the pipe ends only with the last process that has it
        assert child.ending() == "signal 9"
