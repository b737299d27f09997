"""Run the program in a forked process, which has all modules loaded already."""

from __future__ import annotations

import io
import os
from pathlib import Path

from invokeai_cli.environment import Environment
from invokeai_cli.main import run


def started(folder: Path, home: Path, *words: str, handles_signals: bool = False) -> int:
    """Run the program in a forked process with all modules loaded; return its process id."""
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        os.chdir(folder)
        variables = {"INVOKEAI_HOME": str(home)}
        with open(home.with_suffix(".err"), "w") as err:
            environment = Environment(
                io.StringIO(), io.StringIO(), err, variables, str(folder), home=str(home), owns_process=handles_signals
            )
            status = run(list(words), environment)
    finally:
        os._exit(status)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
