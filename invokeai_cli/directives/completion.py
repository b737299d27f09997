"""`completion SHELL [--install]`: print or install a shell's completion script."""

from __future__ import annotations

import os

from invokeai_cli.render.answer import Answer
from workflows.problems import FileError, UsageError
from workflows.settings.folders import written_atomically

from .call import Call
from .completion_scripts import PLACES, SCRIPTS


def run(call: Call) -> Answer:
    """Print the script, or install it where the shell looks for it."""
    (shell,) = call.values or (os.path.basename(call.shell.environment.variable("SHELL")) or "bash",)
    if shell not in SCRIPTS:
        raise UsageError(f"there is no completion for `{shell}`", f"supported: {', '.join(SCRIPTS)}")
    if not call.flag("install"):
        return Answer("completion/1", {"shell": shell, "script": SCRIPTS[shell]}, text=SCRIPTS[shell].rstrip("\n"))
    home = call.shell.environment.home
    if not home or not os.path.isabs(home):
        raise FileError("no home folder to install to", f"use `invokeai completion {shell} > FILE`")
    place, then = PLACES[shell]
    path = os.path.join(home, place)
    try:
        with written_atomically(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(SCRIPTS[shell])
    except OSError as error:
        raise FileError(f"`{path}` cannot be written: {error.strerror}", None) from error
    call.shell.renderer.note(f"written to {path}. {then}")
    return Answer("completion/1", {"shell": shell, "path": path}, text=path)
