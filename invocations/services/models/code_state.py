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
    models = os.path.join(core.__path__[0], "models")
    with os.scandir(models) as entries:
        folders = [models, os.path.dirname(__file__), *sorted([each.path for each in entries if each.is_dir()])]
    states = [state for folder in folders for state in _states(folder)]
    return zlib.crc32("\n".join([versions().get(PROGRAM, ""), *states]).encode()) & 0x7FFFFFFF


def _states(folder: str) -> list[str]:
    """Return the name, the size and the time of modification of each Python file in a folder."""
    with os.scandir(folder) as entries:
        files = [(each.name, each.stat()) for each in entries if each.name.endswith(".py")]
    return sorted([f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in files])
