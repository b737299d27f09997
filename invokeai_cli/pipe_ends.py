"""Who is at the other end of a pipe: another process of this program, or anything else.

Results go by reference only to this program; any other reader gets paths, so that no image stays in the store alone.
The rule, for the processes that have the reading end open:

1. A shell copies itself and the copy then executes the command. So a copy that has not executed a program and is
   running has not shown yet what it will be, and neither has a running parent that is the only one to hold the pipe:
   it is about to start the reader. Both are looked at again until they execute a program or wait for something.
2. A copy that waits is a part of the shell that reads by itself (`| while read f`) or runs other commands: not us.
   A parent that waits and is the only one to hold the pipe captures the output: `$(...)`, `subprocess.run`.
3. Otherwise we are the readers only if every process that holds the pipe, apart from our parents, runs this program.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Sequence
from typing import Final

from .processes import Process, ancestors, are_listed, holders, is_pipe

WAIT_FOR_INPUT_S: Final = 0.2  # seconds within which a parent must write something to our standard input
LOOK_AGAIN_S: Final = 0.005  # between two looks at processes that have not shown what they are
MAX_LOOKS: Final = 1000  # a process that computes without reading never shows it: after this it is not us
PROGRAM: Final = "invokeai"
MODULE: Final = "invokeai_cli"
WITH_VALUE: Final = ("-W", "-X")  # options of Python that take the next word


def read_by_this_program(number: int) -> bool | None:
    """Return True if this program reads the pipe with this file number, None if it is no pipe.

    False: another program reads it, or the system does not show who does.
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
    """Return True if this program reads a pipe that these processes hold, None if that does not show yet."""
    others = [each for each in found if each.id not in parents]
    if any(each.running and (each.forked or not each.words or not others) for each in others or found):
        return None  # a process without words is executing its program just now
    return bool(others) and all(runs_this_program(each) for each in others)


def runs_this_program(process: Process) -> bool:
    """Return True for `invokeai`, `python .../invokeai`, `sh .../invokeai` and `python -m invokeai_cli`."""
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
