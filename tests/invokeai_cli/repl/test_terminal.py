"""The whole prompt in a real terminal: tmux sessions typed by tests, the screen compared."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATIENCE = 20  # seconds for what takes less than one on a quiet machine
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="these tests type into tmux, and it is missing")


class Terminal:
    """One tmux session with the prompt in it."""

    def __init__(self, socket: Path, folder: Path, home: Path, size: tuple[int, int], **variables: str) -> None:
        self.socket = str(socket)
        environment = {
            "PATH": os.environ["PATH"],
            "INVOKEAI_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "INVOKEAI_WARM_UP": "no",  # torch in each of these would take the tests' time
            **variables,
        }
        settings = " ".join(f"{name}='{value}'" for name, value in environment.items())
        command = f"env -u TMUX -u COLUMNS -u LINES {settings} {sys.executable} -m invokeai_cli; echo LEFT $?; sleep 60"
        columns, rows = size
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder), command
        )

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout

    def type(self, text: str) -> None:
        """Type letters."""
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        self.tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        """The screen without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").splitlines()).rstrip()

    def wait(self, *wanted: str) -> str:
        """Wait until the screen shows all that is wanted, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen
            if all(text in screen for text in wanted):
                return screen
            time.sleep(0.05)
        pytest.fail(f"{wanted} is not on the screen:\n{self.screen}")

    def line(self, text: str, *wanted: str) -> str:
        """Type a line, run it, and wait for what it gives."""
        self.type(text)
        self.wait(text)
        self.press("Enter")
        return self.wait(*wanted)


Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(own_world: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Return what opens a terminal with the prompt: `open_terminal(columns=40, TERM="dumb")`."""
    opened: list[Terminal] = []

    def open_one(columns: int = 80, rows: int = 24, **variables: str) -> Terminal:
        socket = tmp_path_factory.mktemp("s") / "s"
        opened.append(Terminal(socket, tmp_path, own_world, (columns, rows), **variables))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.tmux("kill-server")


def test_start_complete_run_and_leave(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>", "model default")
    terminal.type("compa")
    terminal.wait("compare-numbers  Tell whether one number")
    terminal.press("C-u")
    terminal.type("ad")
    terminal.wait("Add two numbers.")
    terminal.press("Tab")
    terminal.wait("invokeai 1> add")
    terminal.line(" 1 2", "\n3\n", "invokeai 2>", "last ")
    terminal.line("| mul 5", "\n15\n", "invokeai 3>")
    terminal.type("mul @")
    terminal.wait("@2", " · 15", "@1", " · 3")
    terminal.press("C-c")
    terminal.wait("mul @\ninvokeai 3>")
    terminal.press("C-d")
    terminal.wait("LEFT 0")


def test_a_wrong_word_is_told_and_enter_moves_to_it(open_terminal: Open) -> None:
    terminal = open_terminal(columns=100)
    terminal.wait("invokeai 1>")
    terminal.type("add 1 2 | mull 5")
    terminal.wait("there is no command `mull` · did you mean `mul`?")
    terminal.press("Enter")
    terminal.press("Delete")
    terminal.wait("add 1 2 | ull 5")
    terminal.press("C-k")
    terminal.line("mul 5", "\n15\n", "invokeai 2>")
    terminal.line("nosuch 1", "there is no command `nosuch`")
    terminal.press("Enter")
    terminal.wait("error: there is no command `nosuch`\n  nosuch 1\n  ^^^^^^", "invokeai 2>")


def test_suggestions_searches_and_short_ways_come_from_the_history(open_terminal: Open) -> None:
    first = open_terminal()
    first.wait("invokeai 1>")
    first.line("add 40 2", "\n42\n", "invokeai 2>")
    first.line(" add 50 5", "\n55\n", "invokeai 3>")
    second = open_terminal()
    second.wait("invokeai 1>")
    second.type("add 4")
    second.wait("add 40 2")
    second.press("Right", "Enter")
    second.wait("\n42\n", "invokeai 2>")
    second.line("!1", "invokeai 2> add 40 2\n42\n", "invokeai 3>")
    second.press("C-r")
    second.wait("search the history")
    second.type("0 2")
    second.wait("\n", "add 40 2")
    second.press("Down", "Enter", "Enter")
    screen = second.wait("invokeai 4>")
    assert screen.count("\n42") == 3
    second.press("Up")
    second.wait("invokeai 4> add 40 2")
    assert "add 50 5" not in second.screen


def test_pasted_lines_do_not_run_until_enter(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>")
    terminal.tmux("set-buffer", "add 1 2\nmul 3 4\n")
    terminal.tmux("paste-buffer", "-p")
    screen = terminal.wait("add 1 2", "... mul 3 4")
    assert "\n3\n" not in screen
    terminal.press("Enter")
    terminal.wait("\n3\n12\n", "invokeai 3>")


def test_control_c_cancels_and_keeps_the_session(open_terminal: Open) -> None:
    terminal = open_terminal(rows=40, INVOKEAI_WARM_UP="yes")
    terminal.wait("invokeai 1>")
    terminal.line("add 1 2", "\n3\n", "invokeai 2>")
    terminal.line("t2i a fox --steps 1000", "denoise ", "/1000", "▀▀▀▀▀▀▀▀▀▀▀▀\n▀")
    terminal.press("C-c")
    screen = terminal.wait("error: interrupted:", "kept in session", "invokeai 3>")
    assert "▀" not in screen
    terminal.line("mul @1 7", "\n21\n", "invokeai 4>")
    terminal.line("t2i a red fox --seed 7 --steps 2", "000001-7-a-red-fox.png", "invokeai 5>")
    terminal.press("C-d")
    terminal.wait("LEFT 0")


def test_a_narrow_terminal_that_changes_its_size(open_terminal: Open) -> None:
    terminal = open_terminal(columns=40)
    screen = terminal.wait("1>", "model default")
    assert "invokeai" not in screen.splitlines()[0]
    terminal.line("add 1 2", "\n3\n", "2>")
    terminal.type("upscale --")
    terminal.wait("--scale")
    terminal.tmux("set-option", "window-size", "manual")
    terminal.tmux("resize-window", "-x", "90", "-y", "20")
    terminal.wait("invokeai 2> upscale --")
    terminal.press("C-c")
    terminal.line("add 5 5", "\n10\n")


def test_a_dumb_terminal_has_plain_lines(open_terminal: Open) -> None:
    terminal = open_terminal(TERM="dumb")
    terminal.wait("1>")
    terminal.type("add 1 |")
    terminal.press("Enter")
    terminal.wait("...")
    terminal.type("mul 2")
    terminal.press("Enter")
    terminal.wait("error: `add` needs `b`", "\n1>")
    terminal.line("add 1 2", "\n3\n2>")
    terminal.press("C-c")
    terminal.line("exit", "LEFT 0")
