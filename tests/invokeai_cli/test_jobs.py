"""`--jobs` from the command line: an end of the program ends its workers, and what was done is not done again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.forked import ended, started
from tests.worker_plugin import Sketches, when_ended

LINE = "range 1 5 | iterate as n | sketch --number @n | save '{index}.png'"


@pytest.fixture
def sketches(isolated_home: Path, tmp_path: Path) -> Sketches:
    """Return the folder with which the node `sketch` is controlled."""
    return Sketches(tmp_path, isolated_home)


def wait_for(found: Callable[[], object]) -> None:
    """Wait until something is there; a program that does not start fails the test."""
    until = time.monotonic() + 60
    while not found():
        assert time.monotonic() < until
        os.sched_yield()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_program_that_ends_leaves_no_worker_and_resumes_with_what_was_done(
    number: signal.Signals, status: int, type_: TypeLine, sketches: Sketches, tmp_path: Path, isolated_home: Path
) -> None:
    (tmp_path / "night.inv").write_text(f"sketch --number 9 | save first.png\n{LINE}\n")
    sketches.hold()
    child = started(tmp_path, isolated_home, "run", "night.inv", "--jobs", "2")
    wait_for(lambda: sketches.processes(9))
    numbers = range(1, 5)
    for each in numbers:
        sketches.hold(each)
    sketches.release()
    wait_for(lambda: sketches.processes(1) and sketches.processes(2))
    waits = [when_ended(sketches.processes(each)[0]) for each in (1, 2)]
    os.kill(child, number)
    assert ended(child) == status
    assert all(wait() for wait in waits)
    for each in numbers:
        sketches.release(each)
    result = type_("run", "night.inv", "--resume", "--jobs", "2")
    assert (result.status, len(sketches.processes(9))) == (0, 1)
    assert len(list(tmp_path.glob("[0-9]*.png"))) == 4


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_all_lines_in_progress_end_with_the_program_and_the_script_is_resumed(
    number: signal.Signals, status: int, type_: TypeLine, sketches: Sketches, tmp_path: Path, isolated_home: Path
) -> None:
    lines = [f"sketch --number {each} | save {each}.png" for each in range(1, 6)]
    (tmp_path / "night.inv").write_text("\n".join(lines))
    for each in range(2, 6):
        sketches.hold(each)
    child = started(tmp_path, isolated_home, "run", "night.inv", "--jobs", "2")
    wait_for(lambda: sketches.processes(2) and sketches.processes(3) and (tmp_path / "1.png").exists())
    waits = [when_ended(sketches.processes(each)[0]) for each in (2, 3)]
    os.kill(child, number)
    assert ended(child) == status
    assert all(wait() for wait in waits)
    for each in range(2, 6):
        sketches.release(each)
    result = type_("run", "night.inv", "--resume", "--jobs", "2")
    assert (result.status, result.out.split()) == (0, [f"{each}.png" for each in range(1, 6)])
    assert [len(sketches.processes(each)) for each in range(1, 6)] == [1, 2, 2, 1, 1]
    history = type_("history", "--json").document["lines"]
    assert [(each["line"], each["outcome"]) for each in history] == [(line, "done") for line in lines]


SCRIPT = """
sketch --number 1 as one | save 1.png
sketch --number 2 | save 'x-{index}.png'
sketch --number 3 | save 'x-{index}.png'
invert --image @one
div 1 0
range 4 6 | iterate as n | sketch --number @n
add 1 2
"""


def test_a_script_prints_and_saves_the_same_with_workers_as_without(
    type_: TypeLine, sketches: Sketches, tmp_path: Path
) -> None:
    (tmp_path / "night.inv").write_text(SCRIPT)

    def found(*words: str) -> tuple[object, ...]:
        result = type_("run", "night.inv", "--keep-going", "--no-cache", *words)
        outcomes = [each["outcome"] for each in type_("history", "--session", "latest", "--json").document["lines"]]
        names = sorted(path.name for path in tmp_path.glob("*.png"))
        images = [Image.open(tmp_path / name).tobytes() for name in names]
        for name in names:
            (tmp_path / name).unlink()
        errors = [row for row in result.err.splitlines() if "error" in row]
        return result.status, result.out, errors, names, images, outcomes

    expected = found()
    assert expected[-1] == [*["done"] * 4, "failed", *["done"] * 2]
    assert found("--jobs", "2") == expected


@pytest.mark.parametrize("value", ["0", "-1", "100", "many", "", "2.5"])
def test_a_wrong_number_of_jobs_is_refused(type_: TypeLine, value: str) -> None:
    result = type_("add", "1", "2", "--jobs", value)
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        f"error: `--jobs` must be a number from 1 to 99, or auto (one for each graphics card), not `{value}`\n"
        "  worker processes that run nodes\n"
    )


def test_jobs_are_also_a_setting(type_: TypeLine, sketches: Sketches) -> None:
    assert type_("config", "set", "jobs", "2").status == 0
    assert type_("sketch", "--number", "3", "|", "save", "a.png").out == "a.png\n"
    assert sketches.processes(3) != [os.getpid()]


def test_stats_and_events_name_the_worker_and_its_device(type_: TypeLine, sketches: Sketches) -> None:
    events = type_("sketch", "--number", "3", "--jobs", "2", "--events").events
    (done,) = [each for each in events if each.get("event") == "node_finished" and each["node_type"] == "sketch"]
    assert (done["worker"] in ("w1", "w2"), done["device"], done["batch"]) == (True, "cpu", 1)
    assert done["queue_seconds"] >= 0 == done["load_seconds"]
    (begun,) = [each for each in events if each.get("event") == "node_assigned" and each["node_type"] == "sketch"]
    assert (begun["worker"], begun["device"], begun["batch"]) == (done["worker"], "cpu", 1)
    assert "starting" in [each["state"] for each in events if each.get("event") == "worker_changed"]
    assert type_("stats", "--json").document["commands"]["sketch"]["workers"] == f"{done['worker']} cpu"
    head, row = [line for line in type_("stats").out.splitlines() if line.startswith(("node ", "1 "))][:2]
    assert row[head.index("workers") :].strip() == f"{done['worker']} cpu"
    assert (
        "\nworkers: processes in which the nodes ran, and their device; the times of several workers overlap\n"
        in type_("stats").out
    )


def test_explain_shows_how_many_workers_run_the_nodes(type_: TypeLine) -> None:
    note = "note: 2 worker processes run the nodes, each with its own copy of the model\n"
    assert note in type_("explain", "add", "1", "2", "--jobs", "2").out
    assert note not in type_("explain", "add", "1", "2").out
