"""The processes of this machine that have a pipe open, as Linux lists them in /proc."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Literal

from invocations.frozen import frozen

PROCESSES: Final = "/proc"
End = Literal["read", "write"]
ACCESS: Final = 3  # mask of the access mode in the flags that a file was opened with
ACCESSES: Final[dict[End, tuple[int, ...]]] = {"read": (0, 2), "write": (1, 2)}
FORKED: Final = 0x40  # PF_FORKNOEXEC in the flags of a process: it has not executed a program since its fork
RUNNING: Final = "RD"  # states: on a processor or ready for one; waiting for a disk


@frozen
class Process:
    """A process: its parent, its session, the words it was started with (only of one that holds a pipe).

    forked: it is a copy of its parent that has not executed a program. running: it is not waiting for anything that
    another process has to do.
    """

    id: int
    parent: int
    session: int
    forked: bool
    running: bool
    words: tuple[str, ...] = ()


def are_listed() -> bool:
    """Whether this system lists processes and their files."""
    return os.path.isdir(f"{PROCESSES}/self/fd")


def is_pipe(number: int) -> bool:
    """Return True if a file number is an open pipe."""
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


def holders(number: int, end: End) -> list[Process]:
    """Return the other processes that have an end of the pipe with this file number open.

    Those of our own session come first; only if none of them has it open are the others searched.
    """
    ours = os.fstat(number)
    pipe = (ours.st_dev, ours.st_ino)
    here = read_process(os.getpid())
    running = [each for each in _others() if each is not None]
    near = [each for each in running if here is not None and each.session == here.session]
    return _holding(near, pipe, end) or _holding([each for each in running if each not in near], pipe, end)


def ancestors() -> set[int]:
    """Return the ids of the parent of this process, its parent, and so on."""
    found: set[int] = set()
    process = read_process(os.getpid())
    while process is not None and process.parent > 0:
        found.add(process.parent)
        process = read_process(process.parent)
    return found


def read_process(id_: int) -> Process | None:
    """Return a process, None if it has ended."""
    try:
        with open(f"{PROCESSES}/{id_}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        state, parent, session, flags = fields[0].decode(), int(fields[1]), int(fields[3]), int(fields[6])
    except (OSError, ValueError, IndexError):
        return None
    return Process(id_, parent, session, bool(flags & FORKED), state in RUNNING)


def _words(id_: int) -> tuple[str, ...]:
    try:
        with open(f"{PROCESSES}/{id_}/cmdline", "rb") as file:
            text = file.read()
    except OSError:
        return ()
    return tuple(os.fsdecode(word) for word in text.split(b"\0")[:-1])


def _others() -> Iterator[Process | None]:
    own = os.getpid()
    return (read_process(int(name)) for name in os.listdir(PROCESSES) if name.isdigit() and int(name) != own)


def _holding(processes: Iterable[Process], pipe: tuple[int, int], end: End) -> list[Process]:
    return [replace(each, words=_words(each.id)) for each in processes if _holds(each.id, pipe, end)]


def _holds(id_: int, pipe: tuple[int, int], end: End) -> bool:
    """Return True if a process has this end of the pipe open; False if it may not be inspected."""
    folder = f"{PROCESSES}/{id_}/fd"
    try:
        numbers = os.listdir(folder)
    except OSError:
        return False
    for number in numbers:
        try:
            found = os.stat(f"{folder}/{number}")
            if (found.st_dev, found.st_ino) == pipe and _access(id_, number) in ACCESSES[end]:
                return True
        except OSError:  # it has been closed
            continue
    return False


def _access(id_: int, number: str) -> int:
    """Return the access mode of a file of a process. Raises: OSError."""
    with open(f"{PROCESSES}/{id_}/fdinfo/{number}", "rb") as file:
        for line in file:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & ACCESS
    raise OSError("fdinfo has no flags")
