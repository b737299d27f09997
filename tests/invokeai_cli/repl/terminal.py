"""The interactive prompt in a tmux session, for tests that type keys and read the screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.invokeai_cli.tmux import Tmux

ROOT = Path(__file__).parents[3]


class Terminal(Tmux):
    """A terminal that runs the prompt and, after the prompt ends, shows its exit status and the terminal settings."""

    def __init__(self, socket: Path, folder: Path, home: Path, size: tuple[int, int], **variables: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "INVOKEAI_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "INVOKEAI_WARM_UP": "no",  # importing torch in the background would slow the tests down
            **variables,
        }
        settings = " ".join(f"{name}='{value}'" for name, value in environment.items())
        program = f"env -u TMUX -u COLUMNS -u LINES -u VISUAL -u EDITOR {settings} {sys.executable} -m invokeai_cli"
        command = f"{program}; echo LEFT $? $(stty -a | grep -owE -e '-?(icanon|icrnl|echo)'); sleep 300"
        super().__init__(socket, size, command, "-c", str(folder))

    def type(self, text: str) -> None:
        """Type the given characters."""
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys, given by their tmux names."""
        self.tmux("send-keys", *keys)

    def paste(self, text: str) -> None:
        """Paste text (bracketed paste)."""
        self.tmux("set-buffer", text)
        self.tmux("paste-buffer", "-p")

    def line(self, text: str, *wanted: str) -> str:
        """Type a line, run it, and wait for its output."""
        self.type(text)
        self.wait(text)
        self.press("Enter")
        return self.wait(*wanted)
