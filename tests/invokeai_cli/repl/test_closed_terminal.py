"""A terminal that is closed while a line runs: the run is cancelled, the session says so, the program ends."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.invokeai_cli.slow_node import add_slow_node

# makes standard input the controlling terminal, whose end the system reports with SIGHUP
PROGRAM = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv[0] = "invokeai"
runpy.run_module("invokeai_cli", run_name="__main__")
"""
HERE = Path(__file__).parents[3]
TIMEOUT_S = 120
DISCONNECTED, TERMINATED = 129, 143


class Terminal:
    """The program in a terminal of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.keys, program = pty.openpty()
        self.shown = b""
        environment = {**os.environ, "TERM": "dumb", "INVOKEAI_WARM_UP": "no", "PYTHONPATH": str(HERE)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words], cwd=folder, env=environment, start_new_session=True,
            stdin=program, stdout=program, stderr=program,
        )  # fmt: skip
        os.close(program)

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    def wait(self, wanted: bytes) -> None:
        """Read until the given bytes are shown."""
        while wanted not in self.shown:
            if not select.select([self.keys], [], [], TIMEOUT_S)[0]:
                pytest.fail(f"the end of what is shown: {self.shown[-500:]!r}")
            self.shown += os.read(self.keys, 65536)

    def close(self) -> None:
        if self.keys >= 0:
            os.close(self.keys)
            self.keys = -1


Start = Callable[..., Terminal]


@pytest.fixture
def start(isolated_home: Path, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the program in a terminal; the slow nodes are known."""
    add_slow_node(isolated_home)
    started: list[Terminal] = []

    def start_one(*words: str) -> Terminal:
        started.append(Terminal(tmp_path, *words))
        return started[-1]

    yield start_one
    for each in started:
        each.close()
        each.process.kill()
        each.process.wait()


def outcomes(folder: Path) -> list[str]:
    """Return how each line of the latest session has ended."""
    done = subprocess.run(
        [sys.executable, "-m", "invokeai_cli", "session", "show", "latest", "--json"],
        cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    return [line["outcome"] for line in json.loads(done.stdout)["lines"]]


@pytest.mark.parametrize("words", [("add 1 2 | hold",), ("--events", "add 1 2 | hold")])
def test_closing_the_terminal_cancels_a_line(start: Start, words: tuple[str, ...], tmp_path: Path) -> None:
    terminal = start(*words)
    terminal.wait(b"10 %" if len(words) == 1 else b'"node_progress"')
    terminal.close()
    assert terminal.process.wait(TIMEOUT_S) == DISCONNECTED
    assert outcomes(tmp_path) == ["cancelled"]


def test_closing_the_terminal_cancels_the_line_of_an_interactive_prompt_and_ends_it(
    start: Start, tmp_path: Path
) -> None:
    terminal = start()
    terminal.wait(b"1> ")
    terminal.type("add 1 2\n")
    terminal.wait(b"2> ")
    terminal.type("hold 1\n")
    terminal.wait(b"10 %")
    terminal.close()
    assert terminal.process.wait(TIMEOUT_S) == DISCONNECTED
    assert outcomes(tmp_path) == ["done", "cancelled"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, TERMINATED), (signal.SIGHUP, DISCONNECTED)])
def test_a_signal_that_ends_the_program_also_ends_an_interactive_prompt_in_which_a_line_runs(
    start: Start, number: signal.Signals, status: int, tmp_path: Path
) -> None:
    terminal = start()
    terminal.wait(b"1> ")
    terminal.type("hold 1\n")
    terminal.wait(b"10 %")
    terminal.process.send_signal(number)
    assert terminal.process.wait(TIMEOUT_S) == status
    assert outcomes(tmp_path) == ["cancelled"]


def test_ctrl_c_shows_at_once_that_a_line_stops_and_the_prompt_comes_back(start: Start, tmp_path: Path) -> None:
    terminal = start()
    terminal.wait(b"1> ")
    terminal.type("hold 1\n")
    terminal.wait(b"10 %")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait(b"stopping after this step; press Ctrl-C again to stop immediately")
    terminal.wait(b"2> ")
    (tmp_path / "go").touch()
    terminal.type("session resume latest\n")
    terminal.wait(b"\n1\r\n")
    terminal.type("\x04")
    assert terminal.process.wait(TIMEOUT_S) == 0
    assert outcomes(tmp_path) == ["done"]
