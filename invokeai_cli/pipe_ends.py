"""Which process is at the other end of a pipe: a sibling in the shell's pipeline, or a parent process.

`$(invokeai ...)` and programs that capture our output use pipes too, but there the reader is a parent, so results are
printed instead of passed by reference. Linux lists who has a pipe open in /proc; elsewhere this is unknown.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from invocations.frozen import frozen

PROCESSES = "/proc"
WAIT_FOR_INPUT_S = 0.2  # seconds within which a parent must write something to our standard input
READ_ONLY, WRITE_ONLY, ACCESS = 0, 1, 3  # bits of the flags that a file was opened with


def pipe_has_reader(number: int) -> bool | None:
    """Return True if a sibling process reads from the pipe with this file number, None if unknown."""
    if not _is_pipe(number):
        return False
    holders = _holders(number, WRITE_ONLY)
    return None if holders is None else not holders.parent and holders.sibling


def has_data(number: int, *, waits: bool) -> bool:
    """Return True if there is data to read: from a file, or from a pipe that has data or a sibling as its writer.

    waits: an open pipe without data counts too, as under a process supervisor.
    """
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        return False
    if stat.S_ISREG(mode):
        return True
    if stat.S_ISFIFO(mode):
        holders = None if waits else _holders(number, READ_ONLY)
        return holders is None or holders.sibling or _is_ready(number)
    return stat.S_ISSOCK(mode) and (waits or _is_ready(number))


def _is_pipe(number: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


@frozen
class _Holders:
    """Whether a parent or a sibling has the other end of a pipe open."""

    parent: bool
    sibling: bool


def _holders(number: int, own_access: int) -> _Holders | None:
    """Return whether a parent or a sibling has the other end of a pipe open, None if unknown."""
    if not os.path.isdir(f"{PROCESSES}/self/fd"):
        return None
    ours = os.fstat(number)
    pipe = (ours.st_dev, ours.st_ino)
    parents = set(_parents(os.getpid()))
    siblings = sorted(_processes() - {os.getpid(), *parents}, key=lambda process: abs(process - os.getpid()))
    return _Holders(
        any(_holds(process, pipe, own_access) for process in parents),
        any(_holds(process, pipe, own_access) for process in siblings),
    )


def _parents(process: int) -> Iterator[int]:
    """Yield the ancestors of a process, its parent first."""
    while process > 1:
        try:
            with open(f"{PROCESSES}/{process}/stat", "rb") as file:
                process = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return
        if process > 0:
            yield process


def _processes() -> set[int]:
    return {int(name) for name in os.listdir(PROCESSES) if name.isdigit()}


def _holds(process: int, pipe: tuple[int, int], own_access: int) -> bool:
    """Return True if a process has the other end of a pipe open; False if it may not be inspected."""
    folder = f"{PROCESSES}/{process}/fd"
    try:
        numbers = os.listdir(folder)
    except OSError:
        return False
    for number in numbers:
        try:
            found = os.stat(f"{folder}/{number}")
            if (found.st_dev, found.st_ino) == pipe and _access(process, number) != own_access:
                return True
        except OSError:  # the file has been closed
            continue
    return False


def _access(process: int, number: str) -> int:
    """Return the access mode of a file of a process: read, write or both. Raises: OSError."""
    with open(f"{PROCESSES}/{process}/fdinfo/{number}", "rb") as file:
        for line in file:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & ACCESS
    raise OSError("fdinfo has no flags")


def _is_ready(number: int) -> bool:
    """Return True if there is something to read, or the writer has closed the pipe."""
    import select

    return bool(select.select([number], [], [], WAIT_FOR_INPUT_S)[0])
