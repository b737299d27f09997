"""A tmux session for tests, which can be resized and whose screen can be read."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

TIMEOUT_S = 120  # a generous limit: an idle machine needs less than a second


class Tmux:
    """A terminal with a given size that runs a shell command."""

    def __init__(self, socket: Path, size: tuple[int, int], command: str, *options: str) -> None:
        self.socket = str(socket)
        columns, rows = map(str, size)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, *options, command)

    def tmux(self, *words: str) -> str:
        """Run a tmux command and return its output."""
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, timeout=TIMEOUT_S)
        return done.stdout

    def resize(self, columns: int, rows: int) -> None:
        """Resize the terminal."""
        self.tmux("set-option", "window-size", "manual")
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        """The text on the screen, without trailing spaces."""
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").splitlines()).rstrip()

    def wait(self, *wanted: str) -> str:
        """Wait until all the given strings are on the screen; return the screen."""
        return self.wait_until(lambda screen: all(text in screen for text in wanted), f"{wanted} is not on the screen")

    def wait_until(self, is_right: Callable[[str], bool], otherwise: str = "the screen never matched") -> str:
        """Wait until the screen satisfies a condition; return the screen."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            screen = self.screen
            if is_right(screen):
                return screen
            time.sleep(0.02)
        pytest.fail(f"{otherwise}:\n{self.screen}")
