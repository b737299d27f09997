"""The states of files, which change whenever a file is written, replaced, added or removed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

FileState = tuple[str, int, int, int]  # path, inode, size in bytes, and time of modification in ns


def states_of(paths: Iterable[str]) -> tuple[FileState, ...]:
    """Return the states of files and of what lies in folders and in their subfolders; no file is opened.

    The state of a path that does not exist consists of zeros.
    """
    found: list[FileState] = []
    for path in paths:
        try:
            status = os.stat(path) if os.path.exists(path) else os.lstat(path)  # it may be a dangling link
        except OSError:
            found.append((path, 0, 0, 0))
            continue
        found.append(_state(path, status))
        if stat.S_ISDIR(status.st_mode):
            found += _inside(path, depth=2)
    return tuple(found)


def _inside(folder: str, depth: int) -> list[FileState]:
    """Return the states of what lies in a folder, sorted, down to a depth; a folder that cannot be read is empty."""
    found: list[FileState] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                is_folder = entry.is_dir()
                found.append(_state(entry.path, entry.stat(follow_symlinks=is_folder or entry.is_file())))
                if is_folder and depth > 1:
                    found += _inside(entry.path, depth - 1)
    except OSError:  # it was removed, or it cannot be read
        pass
    return sorted(found)


def _state(path: str, status: os.stat_result) -> FileState:
    return path, status.st_ino, status.st_size, status.st_mtime_ns
