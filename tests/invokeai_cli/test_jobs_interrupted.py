"""Signals while two workers start, import libraries or run nodes, and a full disk: nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.held_workers import HeldWorkers
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.forked import ended, started
from tests.invokeai_cli.test_jobs import wait_for
from tests.worker_plugin import Sketches, when_ended

LINE = "range 1 3 | iterate as n | sketch --number @n | save '{index}.png'"
IMAGES = "t2i a fox --seed 1,2 --steps 1 --width 64 --height 64 | save '{index}.png'"
STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}
any_end = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)


@pytest.fixture
def sketches(isolated_home: Path, tmp_path: Path) -> Sketches:
    """Return the folder with which the node `sketch` is controlled."""
    return Sketches(tmp_path, isolated_home)


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HeldWorkers:
    """Return the folder with which the workers of the program are controlled."""
    made = HeldWorkers(tmp_path)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    return made


class Program:
    """The program with two workers, in a process of its own."""

    def __init__(self, folder: Path, home: Path, line: str) -> None:
        self.folders = folder, home
        self.child = started(folder, home, line, "--jobs", "2", handles_signals=True)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.child, number)

    def check_end(self, number: signal.Signals, processes: list[int], *others: signal.Signals) -> None:
        """Send a signal, and check that the program and these processes end and leave nothing half-written."""
        waits = [when_ended(each) for each in processes]
        for each in (number, *others):
            self.send(each)
        assert ended(self.child) == STATUSES[number]
        assert [wait() for wait in waits] == [True] * len(processes)
        assert [path for folder in self.folders for path in folder.rglob("*.part*")] == []


def outcome(type_: TypeLine) -> str:
    """Return how the line of the latest session ended."""
    (line,) = type_("session", "show", "latest", "--json").document["lines"]
    return str(line["outcome"])


@pytest.mark.parametrize("number", STATUSES, ids=lambda number: number.name)
def test_a_signal_ends_workers_that_run_nodes(
    number: signal.Signals, type_: TypeLine, sketches: Sketches, tmp_path: Path, isolated_home: Path
) -> None:
    sketches.hold()
    program = Program(tmp_path, isolated_home, LINE)
    wait_for(lambda: sketches.processes(1) and sketches.processes(2))
    program.check_end(number, [*sketches.processes(1), *sketches.processes(2)])
    assert outcome(type_) == ("" if number == signal.SIGKILL else "cancelled")
    sketches.release()
    assert (type_("session", "resume", "latest").status, len([*tmp_path.glob("?.png")])) == (0, 2)


def test_a_second_ctrl_c_ends_workers_whose_nodes_do_not_stop(
    type_: TypeLine, sketches: Sketches, tmp_path: Path, isolated_home: Path
) -> None:
    sketches.hold()
    sketches.ignore_cancels()
    program = Program(tmp_path, isolated_home, LINE)
    wait_for(lambda: sketches.processes(1) and sketches.processes(2))
    program.send(signal.SIGINT)
    errors = isolated_home.with_suffix(".err")
    wait_for(lambda: "stopping after this step" in errors.read_text())
    program.check_end(signal.SIGINT, [*sketches.processes(1), *sketches.processes(2)])
    assert outcome(type_) == "cancelled"


@any_end
def test_a_signal_ends_workers_that_are_being_started(
    number: signal.Signals, type_: TypeLine, sketches: Sketches, workers: HeldWorkers, tmp_path: Path,
    isolated_home: Path,
) -> None:  # fmt: skip
    workers.hold("start")
    program = Program(tmp_path, isolated_home, LINE)
    wait_for(lambda: len(workers.processes("start")) == 2)
    program.check_end(number, workers.processes("start"))
    assert (outcome(type_), sketches.processes(1)) == ("" if number == signal.SIGKILL else "cancelled", [])


@any_end
def test_a_signal_ends_workers_that_import_libraries(
    number: signal.Signals, type_: TypeLine, workers: HeldWorkers, tmp_path: Path, isolated_home: Path
) -> None:
    workers.hold("import")
    program = Program(tmp_path, isolated_home, IMAGES)
    wait_for(lambda: workers.processes("import"))
    program.check_end(number, workers.processes("import"))
    assert outcome(type_) == ("" if number == signal.SIGKILL else "cancelled")


def test_an_image_that_a_worker_cannot_write_is_an_error_that_names_the_disk_and_leaves_no_file(
    type_: TypeLine, sketches: Sketches, workers: HeldWorkers, tmp_path: Path, isolated_home: Path
) -> None:
    workers.fill_disk()
    result = type_(LINE, "--jobs", "2")
    images = isolated_home / "data" / "images"
    number = r"error: sketch \(3\) for item \d: "
    error = f"`{re.escape(str(images))}/\\w\\w/\\w+.png` cannot be written: no space left on device"
    errors = [line for line in result.err.splitlines() if not line.startswith(("  ", "25", "50", "75", "100"))]
    assert [re.fullmatch(number + error, line) is not None for line in errors] == [True, True]
    assert (result.status, result.err.count("\n  free some disk space and run the line again")) == (1, 2)
    assert [path for path in images.rglob("*") if path.is_file()] == []
    workers.empty_disk()
    again: Any = type_("retry", "--jobs", "2")
    assert (again.status, len([*tmp_path.glob("?.png")])) == (0, 2)
