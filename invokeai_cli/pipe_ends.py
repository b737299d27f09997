"""Who is at the other end of a pipe of ours: a process beside us in the shell's pipeline, or one that started us.

`$(invokeai ...)` and a program that captures what we print are pipes too, but no hand-over: there whoever started us
reads. Where the system tells who holds a pipe (Linux), this is looked up; elsewhere it cannot be known.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

PROCESSES = "/proc"
PATIENCE = 0.2  # seconds that whoever started us has to send something into our standard input
READ_ONLY, WRITE_ONLY, ACCESS = 0, 1, 3  # of the flags a file was opened with


def read_beside(number: int) -> bool | None:
    """Tell whether a process beside this one reads the pipe that is our file `number`; None where nobody can tell."""
    if not _is_pipe(number):
        return False
    holders = _holders(number, WRITE_ONLY)
    return None if holders is None else not holders.above and holders.beside


def is_fed(number: int, *, asked: bool) -> bool:
    """Tell whether our file `number` brings something: a file, or a pipe that a process beside us writes or that has
    something in it already. One that is merely open, as under a supervisor, is waited for only where that is asked for.
    """
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        return False
    if stat.S_ISREG(mode):
        return True
    if stat.S_ISFIFO(mode):
        holders = None if asked else _holders(number, READ_ONLY)
        return holders is None or holders.beside or _has_something(number)
    return stat.S_ISSOCK(mode) and (asked or _has_something(number))


def _is_pipe(number: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who holds the end of a pipe that is not ours: one that started us, another process."""

    above: bool
    beside: bool


def _holders(number: int, own_access: int) -> _Holders | None:
    """Return who holds the other end of a pipe, None where that cannot be known."""
    if not os.path.isdir(f"{PROCESSES}/self/fd"):
        return None
    ours = os.fstat(number)
    pipe = (ours.st_dev, ours.st_ino)
    above = set(_above(os.getpid()))
    near = sorted(_processes() - {os.getpid(), *above}, key=lambda process: abs(process - os.getpid()))
    return _Holders(
        any(_holds(process, pipe, own_access) for process in above),
        any(_holds(process, pipe, own_access) for process in near),
    )


def _above(process: int) -> Iterator[int]:
    """Yield whoever started a process, and whoever started that one."""
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
    """Tell whether a process has a pipe open otherwise than we do; one that is not ours to look into has not."""
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
        except OSError:  # closed meanwhile
            continue
    return False


def _access(process: int, number: str) -> int:
    """Return whether a process reads, writes or both. Raises: OSError."""
    with open(f"{PROCESSES}/{process}/fdinfo/{number}", "rb") as file:
        for line in file:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & ACCESS
    raise OSError("it does not say how the file was opened")


def _has_something(number: int) -> bool:
    """Tell whether there is something to read, or the writer has gone."""
    import select

    return bool(select.select([number], [], [], PATIENCE)[0])
