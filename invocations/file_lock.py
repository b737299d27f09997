"""A lock beside a file, for changes that start from what the file holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold a lock beside a file while it is read, changed and written; other processes wait. Raises: OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.lock", "a") as file:  # the lock is beside a symbolic link, not beside its target
        with suppress(OSError):  # the file system may not support locks
            _lock(file.fileno())
        yield


def _lock(number: int) -> None:
    """Wait for the lock of an open file; closing the file releases it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(number, fcntl.LOCK_EX)
