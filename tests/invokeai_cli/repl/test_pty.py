"""In a terminal that never replies and may be closed, the interactive prompt neither hangs nor keeps the CPU busy."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TIMEOUT_S = 120  # a generous limit: an idle machine needs less than a second
Start = Callable[..., "Silent"]


class Silent:
    """The prompt in a terminal that does not reply to queries."""

    def __init__(self, folder: Path, home: Path, **variables: str) -> None:
        self.keys, program = pty.openpty()
        self.shown = b""
        environment = {
            **os.environ, "TERM": "xterm-256color", "INVOKEAI_HOME": str(home), "INVOKEAI_WARM_UP": "no", **variables,
        }  # fmt: skip
        command = [sys.executable, "-m", "invokeai_cli"]
        streams = {"stdin": program, "stdout": program, "stderr": program}
        self.process = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **streams)
        os.close(program)

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    def wait(self, wanted: bytes) -> None:
        """Read until the given bytes are shown."""
        self.wait_until(lambda shown: wanted in shown)

    def wait_until(self, is_right: Callable[[bytes], bool]) -> None:
        """Read until the output shown so far satisfies a condition."""
        if not self._reads(is_right, TIMEOUT_S):
            pytest.fail(f"the end of what is shown: {self.shown[-500:]!r}")

    def shows(self, wanted: bytes, seconds: float) -> bool:
        """Return True if the given bytes are shown within `seconds` seconds."""
        return self._reads(lambda shown: wanted in shown, seconds)

    def _reads(self, is_right: Callable[[bytes], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not is_right(self.shown):
            if not select.select([self.keys], [], [], max(end - time.monotonic(), 0))[0]:
                return False
            try:
                self.shown += os.read(self.keys, 65536)
            except OSError:  # Linux raises this if the program has ended
                return False
        return True

    def leave(self) -> int:
        """Press Ctrl-D, which has no effect while a line runs, until the program ends; return the exit status."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            self.type("\x04")
            self.shows(b"Traceback", seconds=0.2)
            if self.process.poll() is not None:
                return self.process.returncode
        pytest.fail(f"the program goes on: {self.shown[-500:]!r}")

    def close(self) -> None:
        """Close the terminal."""
        if self.keys >= 0:
            os.close(self.keys)
            self.keys = -1


@pytest.fixture
def start(isolated_home: Path, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the prompt in a terminal that sends no replies."""
    started: list[Silent] = []

    def start_one(**variables: str) -> Silent:
        started.append(Silent(tmp_path, isolated_home, **variables))
        return started[-1]

    yield start_one
    for each in started:
        each.close()
        each.process.kill()
        each.process.wait()


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1", "TERM": "nosuch"}])
def test_lines_run_in_a_terminal_that_sends_no_replies(start: Start, variables: dict[str, str]) -> None:
    terminal = start(**variables)
    terminal.wait(b"1>")
    terminal.type("add 40 2\r")
    terminal.wait(b"42\r\n")
    terminal.wait(b"2>")
    terminal.type("\x04")
    assert terminal.process.wait(TIMEOUT_S) == 0


@pytest.mark.parametrize("variables", [{}, {"TERM": "dumb"}])
def test_closing_the_terminal_ends_the_prompt(start: Start, variables: dict[str, str]) -> None:
    terminal = start(**variables)
    terminal.wait(b"1>")
    terminal.close()
    assert terminal.process.wait(TIMEOUT_S) is not None


def test_sigterm_restores_the_terminal(start: Start) -> None:
    import termios

    terminal = start()
    before = termios.tcgetattr(terminal.keys)
    terminal.wait(b"1>")
    terminal.type("add 1 2\r")
    terminal.wait(b"2>")
    assert termios.tcgetattr(terminal.keys) != before
    os.kill(terminal.process.pid, signal.SIGTERM)
    assert terminal.process.wait(TIMEOUT_S) == 143
    assert termios.tcgetattr(terminal.keys) == before


@pytest.mark.parametrize("variables", [{}, {"TERM": "dumb"}])
def test_repeated_interrupts_do_not_end_the_prompt(start: Start, variables: dict[str, str]) -> None:
    terminal = start(**variables)
    terminal.wait(b"1>")
    for _ in range(60):
        os.kill(terminal.process.pid, signal.SIGINT)
        terminal.shows(b"Traceback", seconds=0.003)
    while b"42\r\n" not in terminal.shown:  # the last interrupt may arrive late and cancel a line that is already typed
        before = terminal.shown.count(b"1>")
        terminal.type("add 40 2\n")
        terminal.wait_until(lambda shown, before=before: b"42\r\n" in shown or shown.count(b"1>") > before)
    assert b"Traceback" not in terminal.shown
    assert terminal.leave() == 0
