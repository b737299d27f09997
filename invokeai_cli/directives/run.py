"""`run FILE`: run a script; a script that is run from a script shares its session."""

from __future__ import annotations

from invokeai_cli.errors import UsageError
from invokeai_cli.loop import run_all
from invokeai_cli.render.answer import Answer
from invokeai_cli.sources import STANDARD_INPUT, from_file, from_input

from .call import Call

DEEPEST = 20  # scripts that run scripts: more is a circle


def run(call: Call) -> Answer:
    """Run the lines of a file; with `--keep-going` go on after one that failed."""
    keeps_going, call = call.flag("--keep-going")
    (name,) = call.expect(1, 1)
    shell = call.shell
    if shell.depth >= DEEPEST:
        raise UsageError(f"`{name}` is run from within itself", "a script cannot run itself, also not through others")
    statements = from_input(shell.environment) if name == STANDARD_INPUT else from_file(name, shell.environment.folder)
    shell.depth += 1
    try:
        status = run_all(shell, statements, keep_going=keeps_going or shell.config.keep_going)
    finally:
        shell.depth -= 1
    return Answer("", None, status=status)
