"""The interactive prompt on a terminal that replies to the query at once, late, in pieces, with garbage, or never."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from invokeai_cli.render.terminal_query import QUERY

pty = pytest.importorskip("pty")
ROOT = Path(__file__).parents[3]
TIMEOUT_S = 120  # a generous limit: an idle machine needs less than a second
SIXELS = b"\x1bP>|XTerm(390)\x1b\\\x1b[?64;1;4;22c"  # a reply with the terminal name and features, including sixel
PLACE = b"\x1b[1;1R"  # a reply with the position of the cursor


class Terminal:
    """The terminal end of a pseudo-terminal: reads what the program writes, types keys and sends replies."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.result = b""
        self.end, inside = pty.openpty()
        self.name = os.ttyname(inside)
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "INVOKEAI_HOME": str(home),
            "TERM": "xterm-256color",
        }
        variables |= {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "INVOKEAI_WARM_UP": "no", "OMP_NUM_THREADS": "1"}
        words = [sys.executable, "-m", "invokeai_cli"]
        self.process = subprocess.Popen(
            words, stdin=inside, stdout=inside, stderr=inside, cwd=folder, env=variables, start_new_session=True
        )
        os.close(inside)

    def type(self, keys: bytes) -> None:
        os.write(self.end, keys)

    def wait_until_read(self) -> None:
        """Wait until the program has read everything that was typed."""
        inside = os.open(self.name, os.O_RDWR | os.O_NOCTTY)
        end = time.monotonic() + TIMEOUT_S
        try:
            while any(fcntl.ioctl(inside, termios.FIONREAD, bytes(4))):
                assert time.monotonic() < end
        finally:
            os.close(inside)

    def wait(self, wanted: bytes) -> bytes:
        """Read until the given bytes are written, replying to queries for the cursor position."""
        end = time.monotonic() + TIMEOUT_S
        while wanted not in self.result:
            assert time.monotonic() < end, f"{wanted!r} did not come: {self.result!r}"
            if select.select([self.end], [], [], 0.1)[0]:
                found = os.read(self.end, 4096)
                self.result += found
                if b"\x1b[6n" in found:
                    self.type(PLACE)
        return self.result

    def leave(self) -> bytes:
        """Leave the prompt and return everything that was written."""
        self.type(b"exit\r")
        try:
            while found := os.read(self.end, 4096):
                self.result += found
        except OSError:  # Linux raises this if the other end was closed
            pass
        assert self.process.wait(TIMEOUT_S) == 0
        return self.result


@pytest.fixture
def terminal(isolated_home: Path, tmp_path: Path) -> Iterator[Terminal]:
    """Yield a terminal with a prompt that has just sent its query."""
    opened = Terminal(isolated_home, tmp_path)
    opened.wait(QUERY.encode())
    yield opened
    os.close(opened.end)
    opened.process.kill()
    opened.process.wait()


def never(terminal: Terminal) -> None:
    """Send no reply."""


def at_once(terminal: Terminal) -> None:
    terminal.type(SIXELS)


def in_pieces(terminal: Terminal) -> None:
    for piece in (SIXELS[:9], SIXELS[9:22], SIXELS[22:]):
        terminal.type(piece)
        terminal.wait_until_read()


def garbage(terminal: Terminal) -> None:
    terminal.type(b"\x1b[?99z\x1bP>|\x1b\\\x1b[?")


@pytest.mark.parametrize("answer", [never, at_once, in_pieces, garbage])
def test_no_typed_key_is_lost_and_replies_are_not_shown(terminal: Terminal, answer: Callable[[Terminal], None]) -> None:
    terminal.type(b"add 1")
    answer(terminal)
    terminal.type(b" 2\r")
    terminal.wait(b"3\r\n")
    terminal.type(b"add 40 2\r")
    terminal.wait(b"42\r\n")
    result = terminal.leave()
    assert b"XTerm" not in result
    assert b"64;1" not in result
    assert b"^[" not in result
    assert result.count(QUERY.encode()) == 1


def test_a_late_reply_that_arrives_while_a_line_runs_is_neither_shown_nor_read_as_keys(terminal: Terminal) -> None:
    terminal.type(b"range 0 1500 | iterate | mul 2 | collect | length\r")
    terminal.wait(b"mul")
    terminal.type(SIXELS)
    terminal.type(b"add 40 2\r")
    result = terminal.wait(b"42\r\n")
    assert b"1500\r\n" in result
    result = terminal.leave()
    assert b"XTerm" not in result
    assert b"64;1" not in result
    assert b"^[" not in result
