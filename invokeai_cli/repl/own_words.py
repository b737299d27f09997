"""Input that only the interactive prompt understands: `quit`, `clear` ..., and `!COMMAND` for the system's shell."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from invokeai_cli.directives.table import CLEAR

if TYPE_CHECKING:
    from .state import PromptState

GREETING: Final = "type a line, such as `t2i a red house`, `help` for help, or `exit` (Ctrl-D) to leave"
CLEARED: Final = "\x1b[H\x1b[2J\x1b[3J"  # moves the cursor to the top left, and clears the screen and the scrollback


def run_own(state: PromptState, text: str) -> bool:
    """Run input that only the interactive prompt understands; return False for any other input."""
    text = text.strip()
    if text == CLEAR:
        if state.shell.screen.terminal:
            state.shell.screen.raw(CLEARED)
    elif text.startswith("!") and text[1:].strip():
        run_command(state, text[1:])
    else:
        return False
    return True


def run_command(state: PromptState, command: str) -> None:
    """Run a command of the system's shell with the keyboard and the streams of this program."""
    environment = state.shell.environment
    program = environment.variable("SHELL") if os.name == "posix" else ""
    with state.keyboard.released():
        ended = subprocess.run(command, shell=True, executable=program or None, cwd=environment.folder, check=False)
    if ended.returncode:
        state.shell.screen.note(f"exit status {ended.returncode}", "dim")
