"""Show text that is longer than the screen in a pager: $PAGER, or else `less`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

from invokeai_cli.environment import Environment
from workflows.signals import handlers, ignore

PLAIN = ("", "cat")  # values of PAGER that turn the pager off
LESS = "FRX"  # options of `less`: exit if the text fits on the screen, show colors, keep the text on the screen


def paged(environment: Environment, text: str) -> bool:
    """Show text in a pager if it is longer than the terminal; return False if the caller must write the text."""
    if not environment.owns_process or not all(map(environment.is_terminal, (environment.stdin, environment.stdout))):
        return False
    command = pager(environment)
    if command is None or len(text.splitlines()) < environment.height():
        return False
    variables = {**environment.variables, "LESS": environment.variable("LESS") or LESS, "LESSCHARSET": "utf-8"}
    with handlers({"SIGINT": ignore}, owns_process=True):  # Ctrl-C is meant for the pager
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, env=variables, text=True, encoding="utf-8")
        except OSError:
            return False
        try:
            process.communicate(text + "\n")
        except BrokenPipeError:
            process.wait()
    return process.returncode != 127


def pager(environment: Environment) -> list[str] | None:
    """Return the command of the pager, or None if there is none."""
    if environment.variable("TERM") == "dumb":
        return None
    if "PAGER" in environment.variables:
        words = shlex.split(environment.variable("PAGER"))
        return words if " ".join(words) not in PLAIN else None
    found = shutil.which("less", path=environment.variable("PATH") or os.defpath)
    return [found] if found else None
