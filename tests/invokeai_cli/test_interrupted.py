"""SIGINT, SIGTERM and SIGHUP stop a run wherever it is: the session says so, nothing is half-written, it is resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.invokeai_cli.slow_node import add_slow_node

HERE = Path(__file__).parents[2]
POLL_S = 0.02
SLOW_IMPORT = '''
import os
import time
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation

if os.path.exists("slow"):
    open("importing", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.01)


class SlowOutput(Output):
    """A number."""

    value: int = output_field(primary=True, description="the number")


@invocation("slow", title="Slow", category="numbers", examples=("slow 1",), reusable=False)
class Slow(Invocation):
    """Return a number; importing this file takes long."""

    value: int = input_field(primary=True, position=1, description="the number")

    def invoke(self, context: InvocationContext) -> SlowOutput:
        return SlowOutput(value=self.value)
'''
STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "disconnected"}
Program = Callable[..., subprocess.Popen[str]]
each_signal = pytest.mark.parametrize("number", STATUSES, ids=[each.name for each in STATUSES])


@pytest.fixture
def program(isolated_home: Path, tmp_path: Path) -> Program:
    """Return a function that starts the program in the test's own folder, where the slow nodes are known."""
    add_slow_node(isolated_home)
    (isolated_home / "config" / "nodes" / "slow.py").write_text(SLOW_IMPORT)

    def start(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "invokeai_cli", *words], cwd=tmp_path, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(HERE)},
        )  # fmt: skip

    return start


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit status of a process and what it has written since it was last read."""
    out, err = process.communicate(timeout=240)
    assert "Traceback" not in err
    return process.returncode, out, err


def holding(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """Return a process once its node `hold` runs."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("hold: 10 %"):
            return process
    raise AssertionError(process.communicate())


def assert_nothing_is_half_written(*folders: Path) -> None:
    assert [path for folder in folders for path in folder.rglob("*.part*")] == []


@each_signal
def test_a_signal_stops_a_line_and_the_session_is_resumed(
    program: Program, number: signal.Signals, tmp_path: Path, isolated_home: Path
) -> None:
    process = holding(program("add 40 1 | hold | add 1"))
    process.send_signal(number)
    status, out, err = ended(process)
    assert (status, out) == (STATUSES[number], "")
    assert err.splitlines()[-2].startswith(f"error: {WORDS[number]}: 1 of 3 nodes had finished; their results are kept")
    assert_nothing_is_half_written(tmp_path, isolated_home)
    (line,) = json.loads(ended(program("session", "show", "latest", "--json"))[1])["lines"]
    assert line["outcome"] == "cancelled"
    (tmp_path / "go").touch()
    assert ended(program("session", "resume", "latest"))[:2] == (0, "42\n")


@each_signal
def test_a_signal_stops_a_script_and_the_script_is_resumed(
    program: Program, number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "night.inv").write_text("add 1 2\nhold 4\nadd 5 6\n")
    process = holding(program("run", "night.inv", "--keep-going"))
    process.send_signal(number)
    status, out, err = ended(process)
    assert (status, out) == (STATUSES[number], "3\n")
    assert err.splitlines()[-1] == (
        "`invokeai run night.inv --resume --keep-going` resumes it; without --resume, it starts over"
    )
    (tmp_path / "go").touch()
    assert ended(program("run", "night.inv", "--resume"))[:2] == (0, "3\n4\n11\n")


def test_a_node_that_ignores_ctrl_c_is_left_and_does_not_count_as_crashed(program: Program, tmp_path: Path) -> None:
    for words in (("hold", "1", "--deaf"), *[("session", "resume", "latest")] * 3):
        process = holding(program(*words))
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while not process.stderr.readline().startswith("stopping after this step"):
            pass
        process.send_signal(signal.SIGINT)
        assert ended(process)[:2] == (130, "")
        (line,) = json.loads(ended(program("session", "show", "latest", "--json"))[1])["lines"]
        assert line["outcome"] == "cancelled"
    (tmp_path / "go").touch()
    assert ended(program("session", "resume", "latest"))[:2] == (0, "1\n")


def test_several_signals_at_once_count_as_one(program: Program) -> None:
    process = holding(program("hold", "1"))
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
    status, _, err = ended(process)
    assert status in (STATUSES[signal.SIGTERM], STATUSES[signal.SIGHUP])  # the system delivers them in any order
    assert "no node had finished; the line is kept in session" in err
    (line,) = json.loads(ended(program("session", "show", "latest", "--json"))[1])["lines"]
    assert line["outcome"] == "cancelled"


def test_a_run_whose_output_nobody_reads_any_more_is_cancelled(program: Program) -> None:
    process = program("--events", "hold", "1")
    assert process.stdout is not None
    for line in process.stdout:
        if '"node_progress"' in line:
            break
    process.stdout.close()
    _, err = process.communicate(timeout=240)
    assert (process.returncode, err) == (141, "")
    (line,) = json.loads(ended(program("session", "show", "latest", "--json"))[1])["lines"]
    assert line["outcome"] == "cancelled"


@each_signal
def test_a_line_ends_at_once_while_a_plug_in_is_imported(
    program: Program, number: signal.Signals, tmp_path: Path
) -> None:
    assert ended(program("slow", "1"))[:2] == (0, "1\n")
    (tmp_path / "slow").touch()
    process = program("slow", "2")
    wait_for(tmp_path / "importing", process)
    process.send_signal(number)
    status, out, err = ended(process)
    assert (status, out) == (STATUSES[number], "")
    assert f"error: {WORDS[number]}: no node had finished; the line is kept in session " in err
    assert not (tmp_path / "go").exists()
    (line,) = json.loads(ended(program("session", "show", "latest", "--json"))[1])["lines"]
    assert line["outcome"] == "cancelled"


@each_signal
def test_a_signal_before_anything_runs_ends_the_program_at_once(
    program: Program, number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "slow").touch()
    process = program("nodes")
    wait_for(tmp_path / "importing", process)
    process.send_signal(number)
    assert ended(process) == (STATUSES[number], "", f"error: {WORDS[number]}\n")


def test_a_program_under_nohup_goes_on_after_its_terminal_was_closed(program: Program, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does for the program that it starts
    try:
        process = program("hold", "1")
    finally:
        signal.signal(signal.SIGHUP, before)
    holding(process).send_signal(signal.SIGHUP)
    (tmp_path / "go").touch()
    assert ended(process)[:2] == (0, "1\n")


def wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a file appears."""
    while not file.exists():
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL_S)
            raise AssertionError(process.communicate())
