"""A file that records how an image was made, named in the line or piped in as `-`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.foreign import too_large
from workflows.problems import ApplicationError
from workflows.reserved import STANDARD_INPUT

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

MAX_BYTES = 256 * 2**20  # maximum size of a file on standard input
SHOWN = "standard input"


class NothingPiped(ApplicationError):
    """There is no file on standard input."""

    code = "nothing_recorded"
    refused = False


@contextmanager
def recorded_file(shell: Shell, name: str) -> Iterator[tuple[str, Path]]:
    """Yield the name of a file as messages show it, and its path; standard input is copied to a temporary file.

    Raises: NothingPiped, InputClosed.
    """
    if name != STANDARD_INPUT:
        yield name, Path(shell.workspace.folder, name)
        return
    from tempfile import TemporaryDirectory  # imported here, because it is needed only for standard input

    data = _piped(shell)
    with TemporaryDirectory(prefix="invokeai-cli-") as folder:
        path = Path(folder, "input")
        path.write_bytes(data)
        yield SHOWN, path


def _piped(shell: Shell) -> bytes:
    environment = shell.environment
    if environment.is_terminal(environment.stdin):
        raise NothingPiped("standard input is a terminal", "pipe a file into it: `cat fox.png | invokeai line -`")
    data = environment.read_bytes(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NothingPiped(f"standard input {too_large(MAX_BYTES)}")
    if not data:
        raise NothingPiped("standard input is empty", "pipe a file into it: `cat fox.png | invokeai line -`")
    return data
