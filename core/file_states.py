"""The states of files, which change whenever a file is written, replaced, added or removed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from core.foreign import file_state

PathState = tuple[str, int, int, int]  # path, inode, size in bytes, and time of modification in ns


def states_of(paths: Iterable[str]) -> list[PathState]:
    """Return the states of files, and of what lies in folders and in their subfolders; no file is opened.

    The state of a path that does not exist consists of zeros.
    """
    found: list[PathState] = []
    folders = []
    for path in paths:
        try:
            status = os.stat(path) if os.path.exists(path) else os.lstat(path)  # it may be a dangling link
        except OSError:
            found.append((path, 0, 0, 0))
            continue
        found.append((path, *file_state(status)))
        if stat.S_ISDIR(status.st_mode):
            folders.append((path, True))
    for folder, is_outer in folders:  # the list grows while it is read
        states = []
        with suppress(OSError), os.scandir(folder) as entries:  # it may have been removed, or be unreadable
            for entry in entries:
                is_folder = entry.is_dir()
                status = entry.stat(follow_symlinks=is_folder or entry.is_file())
                states.append((entry.path, *file_state(status)))
                if is_folder and is_outer:
                    folders.append((entry.path, False))
        found += sorted(states)
    return found
