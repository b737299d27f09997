"""A text into a file: whole or not at all, and never over another file unasked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workflows.problems import FileError, UsageError
from workflows.settings.folders import written_atomically

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

OVERWRITE = "--overwrite"
ASKED = "save.overwrite"  # what `--overwrite` on the command line sets


def write_new(shell: Shell, name: str, text: str, *, replaces: bool) -> int:
    """Write a file and return its size in bytes. Raises: UsageError, where it is there and shall stay; FileError."""
    path = os.path.join(shell.environment.folder, name)
    data = text.encode("utf-8", "surrogateescape")
    replaces = replaces or shell.command_line.sets.get(ASKED) == "true"
    if os.path.lexists(path) and not replaces:
        raise UsageError(f"`{name}` is there already", f"give another name, or {OVERWRITE}")
    if not os.path.isdir(os.path.dirname(path)):
        raise FileError(f"`{name}` cannot be written: there is no folder `{os.path.dirname(name)}`", None)
    try:
        with written_atomically(path) as temporary, open(temporary, "wb") as file:
            file.write(data)
    except OSError as error:
        raise FileError(f"`{name}` cannot be written: {error.strerror}", None) from error
    return len(data)
