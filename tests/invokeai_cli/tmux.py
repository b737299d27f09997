"""A tmux session of one's own: started, resized, and looked at until something is on its screen."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

TIMEOUT_S = 120  # for what takes less than a second on a quiet machine


class Tmux:
    """A terminal of some size in which a command of the shell runs."""

    def __init__(self, socket: Path, size: tuple[int, int], command: str, *options: str) -> None:
        self.socket = str(socket)
        columns, rows = map(str, size)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, *options, command)

    def tmux(self, *words: str) -> str:
        """Give tmux a command and return what it prints."""
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, timeout=TIMEOUT_S)
        return done.stdout

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.tmux("set-option", "window-size", "manual")
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        """The screen without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").splitlines()).rstrip()

    def wait(self, *wanted: str) -> str:
        """Wait until the screen shows all that is wanted, and return it."""
        return self.wait_until(lambda screen: all(text in screen for text in wanted), f"{wanted} is not on the screen")

    def wait_until(self, is_right: Callable[[str], bool], otherwise: str = "the screen never was right") -> str:
        """Wait until the screen is as a test wants it, and return it."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            screen = self.screen
            if is_right(screen):
                return screen
            time.sleep(0.02)
        pytest.fail(f"{otherwise}:\n{self.screen}")
