"""The state of the code that recognizes models and derives their settings, by which stored answers become outdated."""

from __future__ import annotations

import os
import zlib
from functools import cache

import core
from invocations.versions import PROGRAM, versions


@cache
def code_state() -> int:
    """Return a number below 2**31 that changes with the version of the program and with the files of this code."""
    folders = [os.path.join(core.__path__[0], "models"), os.path.dirname(__file__)]
    states = []
    for folder in folders:  # the list grows while it is read
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    states.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
                elif folder == folders[0] and entry.is_dir():
                    folders.append(entry.path)
    text = "\n".join([versions().get(PROGRAM, ""), *sorted(states)])
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
