"""Write a text file atomically; an existing file is replaced only on request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from invocations.services.addresses import COPY, FILES_ONLY, is_address
from workflows.problems import FileError, UsageError
from workflows.settings.folders import written_atomically

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

OVERWRITE = "--overwrite"
ASKED = "save.overwrite"  # set by `--overwrite` on the command line


def write_new(shell: Shell, name: str, text: str, *, replaces: bool) -> int:
    """Write a file and return its size in bytes. Raises: UsageError if it already exists; FileError."""
    if is_address(name):
        raise FileError(f"`{name}` cannot be written: {FILES_ONLY}", COPY)
    path = os.path.join(shell.environment.folder, name)
    data = text.encode("utf-8", "surrogateescape")
    replaces = replaces or shell.command_line.sets.get(ASKED) == "true"
    if os.path.lexists(path) and not replaces:
        raise UsageError(f"`{name}` already exists", f"choose another name or add {OVERWRITE}")
    if not os.path.isdir(os.path.dirname(path)):
        raise FileError(f"`{name}` cannot be written: there is no folder `{os.path.dirname(name)}`", None)
    try:
        with written_atomically(path) as temporary, open(temporary, "wb") as file:
            file.write(data)
    except OSError as error:
        raise FileError(f"`{name}` cannot be written: {error.strerror}", None) from error
    return len(data)
