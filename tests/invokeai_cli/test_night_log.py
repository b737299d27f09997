"""Scripts that write a log, and scripts that run node by node."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine
from tests.workflows.recorder import Recorder
from workflows.scripts.log import LoggedObserver

TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ")


@pytest.fixture
def night(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "night.inv").write_text(text)
        return "night.inv"

    return write


def entries(path: Path) -> list[str]:
    """Return the lines of a log without times and durations."""
    lines = path.read_text().splitlines()
    assert all(TIME.match(line) or line.startswith("  ") for line in lines)
    return [re.sub(r", \d+(\.\d)? m?s$", "", TIME.sub("", line)) for line in lines]


def test_a_log_contains_lines_results_errors_and_the_summary(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    name = night("let x = 2\nadd 1 ${x} as three\ndiv 1 0\nmul @three 2\n")
    result = type_("run", name, "--keep-going", "--log", "night.log")
    assert (result.status, result.out) == (3, "3\n6\n")
    expected = [
        "let x = 2",
        "night.inv:2: add 1 ${x} as three",
        "result: 3",
        "line 1 of 3 done",
        "night.inv:3: div 1 0",
        "night.inv:3:1: error: div (2): division by zero",
        "line 2 of 3 failed",
        "night.inv:4: mul @three 2",
        "result: 6",
        "line 3 of 3 done",
        "2 done, 1 failed",
    ]
    assert entries(tmp_path / "night.log") == expected
    type_("run", name, "--resume", "--keep-going", "--log", "night.log")
    assert entries(tmp_path / "night.log")[: len(expected) + 1] == [
        *expected,
        f"resuming session {type_('sessions', '--json').document['sessions'][0]['id']}",
    ]


def test_a_log_contains_the_errors_in_an_invalid_script(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    result = type_("run", night("add 1 2\nad 3\n"), "--log", "night.log")
    assert result.status == 2
    assert entries(tmp_path / "night.log")[0].startswith("night.inv:2:1: error: there is no command `ad`")


def test_a_log_that_cannot_be_written_is_refused_before_anything_runs(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    result = type_("run", night("add 1 2\n"), "--log", "nowhere/night.log")
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith(
        "night.log` cannot be written: No such file or directory\n  name a file in an existing folder\n"
    )


def test_a_log_that_becomes_unwritable_is_reported_once_and_does_not_stop_the_script() -> None:
    class Full:
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise AssertionError

    seen = Recorder()
    logged = LoggedObserver(seen, Full())  # type: ignore[arg-type]
    logged.note("one")
    logged.note("two")
    assert seen.shown == [
        ("warning", "the log cannot be written: No space left on device"),
        ("note", "one"),
        ("note", "two"),
    ]


def test_a_script_runs_node_by_node(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 2 | mul 5\nadd @-1 1\n")
    steps = [type_("run", name, "--next") for _ in range(4)]
    assert [step.status for step in steps] == [0] * 4
    assert [step.out for step in steps] == ["", "15\n", "16\n", "15\n16\n"]
    notes = [step.err.splitlines() for step in steps]
    assert notes[0] == ["2 nodes left to run"]
    assert notes[1][-1] == "1 node left to run"
    assert notes[2][-1] == "nothing left to run"
    assert notes[3][0] == "`night.inv` is finished: nothing left to do; `--overwrite` runs it again"
    assert len(type_("sessions", "--json").document["sessions"]) == 1


def test_a_script_that_was_run_node_by_node_can_be_resumed(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("add 1 2 | mul 5\nadd @-1 1\n")
    type_("run", name, "--next")
    result = type_("run", name, "--resume")
    assert (result.status, result.out) == (0, "15\n16\n")


def test_run_with_next_and_no_file_runs_the_next_node_of_the_latest_session(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night("add 1 2 | mul 5\n")
    type_("run", name, "--next")
    result = type_("run", "--next")
    assert (result.status, result.out, result.err) == (0, "15\n", "nothing left to run\n")
    result = type_("run", "--next")
    assert (result.status, result.out, result.err) == (0, "", "nothing left to run\n")


def test_a_node_that_fails_is_reported_with_its_line_and_run_again_next_time(
    type_: TypeLine, night: Callable[[str], str]
) -> None:
    name = night("div 1 0\nadd 1 2\n")
    for _ in range(2):
        result = type_("run", name, "--next")
        assert (result.status, result.out) == (1, "")
        assert "error: div (1): division by zero" in result.err
    assert type_("history", "--failed", "--json").document["lines"][0]["line"] == "div 1 0"


def test_run_without_a_file_is_refused_unless_the_option_next_is_used(type_: TypeLine) -> None:
    result = type_("run")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `run` needs an argument: FILE\n  usage: run [FILE] ")


def test_a_log_distinguishes_skipped_and_already_done_lines_from_lines_that_ran(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    name = night("load p.png | save 1.png\nload p.png | save 2.png\nadd 1 2\n")
    assert type_("run", name, "--max-images", "1").status == 3
    type_("run", name, "--resume", "--log", "resumed.log")
    outcomes = [text for text in entries(tmp_path / "resumed.log") if text.startswith("line ")]
    assert outcomes == ["line 1 of 3 already done", "line 2 of 3 done", "line 3 of 3 done"]
    (tmp_path / "2.png").unlink()
    type_("run", name, "--skip-existing", "--log", "skipped.log")
    outcomes = [text for text in entries(tmp_path / "skipped.log") if text.startswith("line ")]
    assert outcomes == ["line 1 of 3 skipped", "line 2 of 3 done", "line 3 of 3 done"]
