"""A note about the server that runs for a user, so that a second start finds it; its lock ends with the process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

from invocations.frozen import frozen

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NAME: Final = "server.json"  # in the state folder
MOST_BYTES: Final = 10_000


@frozen
class RunningServer:
    """Where a server of this user runs."""

    url: str
    process: int


def find_running(folder: str) -> RunningServer | None:
    """Return the server that runs with this state folder, or None."""
    try:
        with open(os.path.join(folder, NAME), encoding="utf-8") as file:
            return None if _lock(file) else _read(file)
    except OSError:
        return None


@contextmanager
def announced(folder: str, url: str) -> Iterator[RunningServer | None]:
    """Announce that this process is the server, until the end of the block; yield another one that runs already."""
    path = os.path.join(folder, NAME)
    try:
        os.makedirs(folder, exist_ok=True)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
    except OSError:  # the note is a convenience: a server also runs without it
        yield None
        return
    with file:
        if not _lock(file):
            yield _read(file)
            return
        _write(file, {"url": url, "process": os.getpid()})
        try:
            yield None
        finally:
            _write(file, {})


def _lock(file: IO[str]) -> bool:
    """Lock a file; return False if another process has locked it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # the file system has no locks
        return True
    return True


def _read(file: IO[str]) -> RunningServer | None:
    try:
        file.seek(0)
        found = json.loads(file.read(MOST_BYTES))
        return RunningServer(str(found["url"]), int(found["process"]))
    except (ValueError, KeyError, TypeError):
        return None


def _write(file: IO[str], data: dict[str, object]) -> None:
    with suppress(OSError):
        file.seek(0)
        file.truncate()
        file.write(json.dumps(data))
        file.flush()
