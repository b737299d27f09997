"""If a process in a pipe fails, only its error is shown, and every process after it exits with the same status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.pipes.conftest import Pipe
from tests.invokeai_cli.pipes.test_processes import LINUX, run
from workflows.record import ended_of, status_of

FAILED = json.dumps(ended_of(2))
UNKNOWN = "there is no command `bad`"


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (["bad"], 2, UNKNOWN),
        (["-q", "bad"], 2, UNKNOWN),
        (["-q", "div", "1", "0"], 1, "division by zero"),
        (["-v", "div", "1", "0"], 1, "division by zero"),
        (["--pipe", "bad"], 2, UNKNOWN),
        (["--bogus", "add", "1", "2"], 2, "there is no option `--bogus`"),
        (["run", "bad.inv"], 2, UNKNOWN),
        (["-q", "run", "div.inv"], 1, "division by zero"),
        (["run", "div.inv", "--keep-going"], 3, "division by zero"),
        (["replay", "nosuch.png"], 1, "no such file"),
        (["session", "export", "nosuch"], 2, "no session"),
    ],
)
@pytest.mark.parametrize(
    "reader",
    [
        ["scale", "2"], ["-q", "scale", "2"], ["grid"], ["--events", "mul", "2"], ["-"], [], ["run", "-"],
        ["line", "-"], ["replay", "-"], ["session", "import", "-"],
    ],
)  # fmt: skip
def test_only_the_first_failed_process_reports_an_error(
    pipe: Pipe, tmp_path: Path, words: list[str], status: int, error: str, reader: list[str]
) -> None:
    (tmp_path / "bad.inv").write_text("bad\n")
    (tmp_path / "div.inv").write_text("div 1 0\n")
    result = pipe(words, reader)
    assert result.status == [status, status]
    assert (result.err.count("error:"), error in result.err) == (1, True)
    assert result.stages[1].err == ""
    assert "Traceback" not in result.err


def test_a_failure_passes_through_a_whole_pipe(pipe: Pipe) -> None:
    result = pipe(["-q", "bad"], ["-q", "scale", "2"], ["-q", "blur", "3"], "save x.png")
    assert (result.status, result.err.count("error:"), result.out) == ([2, 2, 2, 2], 1, "")


def test_results_that_a_quiet_process_prints_before_it_fails_are_still_used(pipe: Pipe, tmp_path: Path) -> None:
    (tmp_path / "three.inv").write_text("add 1 2\nadd 3 4\ndiv 1 0\n")
    result = pipe(["-q", "run", "three.inv"], "mul 2")
    assert (result.status, result.out, result.err.count("error:")) == ([1, 1], "6\n14\n", 1)


@pytest.mark.parametrize("format_", ["--json", "--events"])
@pytest.mark.parametrize("reader", [["scale", "2"], ["grid"], ["-"], ["run", "-"], ["line", "-"]], ids=" ".join)
def test_the_json_output_reports_that_the_upstream_process_has_failed(
    pipe: Pipe, format_: str, reader: list[str]
) -> None:
    result = pipe(["div", "1", "0"], [format_, *reader])
    assert result.status == [1, 1]
    document = json.loads(result.out.splitlines()[-1])
    assert (document["status"], document["errors"]) == (1, [{
        "code": "upstream_failed", "message": "the command before the `|` failed with exit status 1",
        "hint": "its error is on standard error", "span": None,
    }])  # fmt: skip
    assert (result.err.count("error:"), result.stages[1].err) == (1, "")


@pytest.mark.parametrize("format_", ["--json", "--events"])
def test_no_failure_record_follows_a_json_document_that_contains_the_status(pipe: Pipe, format_: str) -> None:
    result = pipe([format_, "bad"], "scale 2")
    assert (result.status, result.err.count("error:")) == ([2, 2], 1)
    assert "piped/1" not in result.between[0]


def test_a_reader_that_is_another_program_receives_no_failure_record(pipe: Pipe) -> None:
    assert pipe(["-q", "bad"], "scale 2", feeds=False).between == ("",)
    assert pipe(["run", "nosuch.inv"], "scale 2", feeds=False).between == ("",)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (FAILED, 2),
        (f" {json.dumps(ended_of(143))}\n", 143),
        (FAILED[:-1], None),
        (f"{FAILED}\n{FAILED}", None),
        ('{"schema": "piped/1", "status": ' + "9" * 500 + "}", None),
        ('{"schema": "piped/1", "session": "a"}', None),
        ('{"schema": "piped/2", "status": 1}', None),
        ("add 1 2", None),
    ],
)
def test_only_a_complete_failure_record_is_recognized(text: str, status: int | None) -> None:
    assert status_of(text) == status


@LINUX
@pytest.mark.parametrize(
    ("line", "statuses"),
    [
        ("invokeai -q bad | invokeai -q scale 2", "2 2"),
        (r"invokeai bad \| save - | invokeai load - \| scale 2", "2 2"),
        (r"invokeai div 1 0 as x \| blur @x --image p.png \| save - | invokeai load - \| scale 2", "1 1"),
        ("invokeai run nosuch.inv | invokeai -", "2 2"),
    ],
)
def test_real_processes_in_a_pipe_report_only_one_error(tmp_path: Path, line: str, statuses: str) -> None:
    Image.new("RGB", (24, 24)).save(tmp_path / "p.png")
    result = run(line, tmp_path)
    assert (result.stdout, result.stderr.count("error:")) == ("", 1)
    assert result.stderr.splitlines()[-1] == statuses
