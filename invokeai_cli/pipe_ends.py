"""Determine who is at the other end of a pipe: another process of this program, or any other program.

Results are passed to this program by reference; any other reader gets the paths of saved images, so that no image
exists only in the store. These rules decide who the reader is, among the processes that have the reading end open:

1. A shell copies itself and the copy then executes the command. A running copy that has
   not executed a program yet may still become the reader, and a running parent that holds the pipe alone is about to
   start one. Both are checked again until they execute a program or wait for something.
2. A copy that waits is a part of the shell that reads the pipe itself (`| while read f`) or runs other commands. A
   parent that waits and holds the pipe alone captures the output, as with `$(...)` and `subprocess.run`.
3. Otherwise this program is the reader if every process that holds the pipe, except our parents, runs it.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from invocations.frozen import frozen

WAIT_FOR_INPUT_S: Final = 0.2  # how long to wait for a parent process to write to our standard input
LOOK_AGAIN_S: Final = 0.005  # interval between checks of processes that may still become the reader
# after this many checks, the reader counts as another program, because a process that only computes shows no change
MAX_LOOKS: Final = 1000
PROGRAM: Final = "invokeai"
MODULE: Final = "invokeai_cli"
WITH_VALUE: Final = ("-W", "-X")  # options of Python that take a value
PROCESSES: Final = "/proc"
End = Literal["read", "write"]
ACCESS: Final = 3  # mask of the access mode in the flags that a file was opened with
ACCESSES: Final[dict[End, tuple[int, ...]]] = {"read": (0, 2), "write": (1, 2)}
FORKED: Final = 0x40  # PF_FORKNOEXEC in the flags of a process: it has not executed a program since its fork
RUNNING: Final = "RD"  # process states: R is running or ready to run, D is waiting for a disk


@frozen
class Process:
    """A process with its parent and its session; `words` is its command line, known only if it holds the pipe.

    forked: it is a copy of its parent and has not executed a program. running: it is not waiting for another process.
    """

    id: int
    parent: int
    session: int
    forked: bool
    running: bool
    words: tuple[str, ...] = ()


def read_by_this_program(number: int) -> bool | None:
    """Return True if this program reads the pipe with this file number, None if it is not a pipe.

    False means that another program reads it, or that the system does not show who does.
    """
    if not is_pipe(number):
        return None
    if not are_listed():
        return False
    parents = ancestors()
    for _ in range(MAX_LOOKS):
        reader = reader_among(holders(number, "read"), parents)
        if reader is not None:
            return reader
        time.sleep(LOOK_AGAIN_S)
    return False


def reader_among(found: Sequence[Process], parents: Collection[int]) -> bool | None:
    """Return True if this program reads a pipe that these processes hold open, or None if that cannot be known yet."""
    others = [each for each in found if each.id not in parents]
    if any(each.running and (each.forked or not each.words or not others) for each in others or found):
        return None  # a process without a command line is about to execute a program
    return bool(others) and all(runs_this_program(each) for each in others)


def runs_this_program(process: Process) -> bool:
    """Return True if a process runs this program: `invokeai`, `python .../invokeai`, `python -m invokeai_cli` ..."""
    if process.forked or not process.words:
        return False
    first, *words = process.words
    if os.path.basename(first) == PROGRAM:
        return True
    while words and words[0].startswith("-") and words[0] != "-m":
        words = words[2 if words[0] in WITH_VALUE else 1 :]
    if words[:1] == ["-m"]:
        return words[1:2] == [MODULE]
    return os.path.basename(words[0]) == PROGRAM if words else False


def has_data(number: int, *, waits: bool) -> bool:
    """Return True if a file has data to read, or a pipe has data or a sibling process that writes to it.

    waits: also return True for an open pipe without data, such as one that a process supervisor opens.
    """
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        return False
    if stat.S_ISREG(mode):
        return True
    if stat.S_ISFIFO(mode):
        return waits or not are_listed() or _has_sibling(number) or _is_ready(number)
    return stat.S_ISSOCK(mode) and (waits or _is_ready(number))


def _has_sibling(number: int) -> bool:
    """Return True if a process that is not our parent writes to a pipe."""
    parents = ancestors()
    return any(each.id not in parents for each in holders(number, "write"))


def _is_ready(number: int) -> bool:
    """Return True if there is something to read, or the writer has closed the pipe."""
    import select

    return bool(select.select([number], [], [], WAIT_FOR_INPUT_S)[0])


def are_listed() -> bool:
    """Whether this system lists processes and their files."""
    return os.path.isdir(f"{PROCESSES}/self/fd")


def is_pipe(number: int) -> bool:
    """Return True if a file descriptor refers to an open pipe."""
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


def holders(number: int, end: End) -> list[Process]:
    """Return the other processes that have an end of the pipe with this file number open.

    Processes of our own session are searched first; all others are searched only if none of them has the pipe open.
    """
    ours = os.fstat(number)
    pipe = (ours.st_dev, ours.st_ino)
    here = read_process(os.getpid())
    running = _others()
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
    """Return the process with this id, None if it has ended."""
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


def _others() -> list[Process]:
    own = os.getpid()
    ids = [int(name) for name in os.listdir(PROCESSES) if name.isdigit()]
    return [process for id_ in ids if id_ != own and (process := read_process(id_)) is not None]


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
        except OSError:  # the file has been closed
            continue
    return False


def _access(id_: int, number: str) -> int:
    """Return the access mode of a file that a process has open. Raises: OSError."""
    with open(f"{PROCESSES}/{id_}/fdinfo/{number}", "rb") as file:
        for line in file:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & ACCESS
    raise OSError("no access mode in fdinfo")
