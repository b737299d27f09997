"""Lines from standard input accept the options for scripts, and the first failure ends the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

LINES = "div 1 0\nbogus\nadd 1 2\n"


@pytest.mark.parametrize("words", [("-", "--dry-run"), ("run", "-", "--dry-run")])
def test_standard_input_is_planned_in_advance_only_if_it_is_a_file(
    isolated_home: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "a.inv").write_text("add 1 2\nadd 3 4\n")
    (tmp_path / "b.inv").write_text("add 1 2\nbogus\n")
    good, bad = (planned(words, tmp_path / name) for name in ("a.inv", "b.inv"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "-: 2 lines, 0 images\n", "")
    assert bad.returncode == 2
    assert "-:2:1: error: there is no command `bogus`\n" in bad.stderr


def planned(words: tuple[str, ...], script: Path) -> subprocess.CompletedProcess[str]:
    """Run the program with a script as its standard input."""
    with script.open() as file:
        command = [sys.executable, "-m", "invokeai_cli", *words]
        return subprocess.run(command, stdin=file, capture_output=True, text=True, check=False, timeout=240)


def test_lines_from_a_stream_cannot_be_planned_as_a_whole(type_: TypeLine) -> None:
    result = type_("-", "--dry-run", stdin="add 1 2\n")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `--dry-run` needs a whole script, not lines that arrive one by one\n")


def test_the_first_failure_ends_the_run_and_later_lines_are_not_read(type_: TypeLine) -> None:
    result = type_("-", stdin=LINES)
    assert (result.status, result.out) == (1, "")
    assert result.err.count("error: ") == 1
    assert "-:1:1: error: div (1): division by zero\n" in result.err


def test_keep_going_runs_all_lines_despite_a_failure(type_: TypeLine) -> None:
    result = type_("-", "--keep-going", stdin=LINES)
    assert (result.status, result.out) == (3, "3\n")
    assert result.err.count("error: ") == 2
