"""Whether a pipe is read by this program, by another program, or by a process that is still starting."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from invokeai_cli import pipe_ends
from invokeai_cli.pipe_ends import Process, read_by_this_program, reader_among, runs_this_program

LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only here is it known who holds a pipe")
US = Process(7, 1, 1, forked=False, running=True, words=("python3", "/usr/bin/invokeai", "scale", "2"))
CAT = Process(8, 1, 1, forked=False, running=False, words=("cat",))
STARTING = Process(9, 1, 1, forked=True, running=True, words=("bash",))
SUBSHELL = replace(STARTING, running=False)
PARENT = Process(1, 0, 1, forked=False, running=False, words=("bash",))
BUSY_PARENT = replace(PARENT, running=True)


@pytest.mark.parametrize(
    ("found", "reader"),
    [
        ([US], True),
        ([US, PARENT], True),
        ([US, BUSY_PARENT], True),
        ([CAT], False),
        ([CAT, US], False),
        ([SUBSHELL], False),
        ([SUBSHELL, US], False),
        ([PARENT], False),
        ([], False),
        ([STARTING], None),
        ([STARTING, US], None),
        ([STARTING, PARENT], None),
        ([BUSY_PARENT], None),
        ([replace(US, words=())], None),
    ],
)
def test_the_reader_is_found_among_the_processes_that_hold_a_pipe(found: list[Process], reader: bool | None) -> None:
    assert reader_among(found, {PARENT.id}) is reader


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("invokeai scale 2", True),
        ("/home/x/bin/invokeai scale 2", True),
        ("python3 /home/x/bin/invokeai scale 2", True),
        ("python3 -X dev -u /home/x/bin/invokeai scale 2", True),
        ("python3 -m invokeai_cli scale 2", True),
        ("python3 -W error -m invokeai_cli scale 2", True),
        ("/bin/sh /shims/invokeai scale 2", True),
        ("python3 -m invokeai_cli.other", False),
        ("python3 -m http.server", False),
        ("python3", False),
        ("tee invokeai.log", False),
        ("cat", False),
        ("", False),
    ],
)
def test_a_process_of_this_program_is_recognized_by_its_arguments(words: str, runs: bool) -> None:
    assert runs_this_program(replace(CAT, words=tuple(words.split()))) is runs


def test_a_subshell_named_like_this_program_is_not_taken_for_this_program() -> None:
    assert not runs_this_program(replace(SUBSHELL, words=("sh", "/bin/invokeai")))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return the file descriptors of a pipe: the reading and the writing end."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@LINUX
@pytest.mark.parametrize(("name", "ours"), [("invokeai", True), ("other", False)])
def test_a_process_that_has_not_executed_its_program_yet_is_inspected_again(
    pipe: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, ours: bool
) -> None:
    program, looked = tmp_path / name, tmp_path / "looked"
    program.write_text("#!/bin/sh\nread line\n")
    program.chmod(0o755)
    forked = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def before_it_executes() -> None:
        while not looked.exists():
            pass

    def start() -> None:
        processes.append(subprocess.Popen([program], stdin=pipe[0], preexec_fn=before_it_executes))

    sleep = time.sleep

    def look_again(seconds: float) -> None:
        looked.touch()
        sleep(seconds)

    monkeypatch.setattr(pipe_ends.time, "sleep", look_again)
    starting = threading.Thread(target=start)
    starting.start()
    wait_for_reader(pipe[1], forked.wait)
    assert not looked.exists()
    try:
        assert read_by_this_program(pipe[1]) is ours
        assert looked.exists()
    finally:
        looked.touch()
        starting.join()
        processes[0].kill()
        processes[0].wait()


def wait_for_reader(end: int, pause: Callable[[float], object]) -> None:
    while not pipe_ends.holders(end, "read"):
        pause(0.001)


@LINUX
def test_a_reader_that_may_not_be_inspected_is_treated_as_another_program(pipe: tuple[int, int]) -> None:
    assert read_by_this_program(pipe[1]) is False


def test_a_reader_is_treated_as_another_program_on_a_system_that_does_not_list_processes(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invokeai_cli.pipe_ends.PROCESSES", "/nonexistent")
    assert read_by_this_program(pipe[1]) is False


def test_output_to_a_file_has_no_reader(tmp_path: Path) -> None:
    with (tmp_path / "f").open("w") as file:
        assert read_by_this_program(file.fileno()) is None
