"""Take an engine's place: lock it and listen on its socket, which only this user can use."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import IO

from .place import EnginePlace, why_unsafe

BACKLOG = 16
TAKEN = "another process is starting, running or stopping it"


class PlaceTaken(Exception):
    """The place is locked, because an engine starts, runs or ends there, or it cannot be used; the message says why."""


def lock(place: EnginePlace) -> IO[str]:
    """Make the folder and lock the place until the returned file is closed, also by processes that inherit it.

    Raises: PlaceTaken, OSError.
    """
    import fcntl

    os.makedirs(place.folder, mode=0o700, exist_ok=True)
    if why := why_unsafe(place.folder):
        raise PlaceTaken(why)
    while True:
        file = open(place.lock, "a", encoding="ascii")  # noqa: SIM115 - stays open as long as the engine runs
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise PlaceTaken(TAKEN) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), os.stat(place.lock)):
                return file
        file.close()  # another process has just removed the file


def is_free(place: EnginePlace) -> bool:
    """Return True if no engine starts, runs or ends at a place. Raises: PlaceTaken, if it cannot be used; OSError."""
    if not os.path.lexists(place.lock):
        return True
    try:
        unlock(place, lock(place))
    except PlaceTaken as error:
        if str(error) == TAKEN:
            return False
        raise
    return True


def release(place: EnginePlace, file: IO[str]) -> None:
    """Remove the log of an engine if it is empty, and unlock its place."""
    with suppress(OSError):
        if not os.path.getsize(place.log):
            os.unlink(place.log)
    unlock(place, file)


def unlock(place: EnginePlace, file: IO[str]) -> None:
    """Remove the file of a lock that is held, and unlock the place."""
    with suppress(OSError):
        os.unlink(place.lock)
    file.close()


def listen(place: EnginePlace) -> socket.socket:
    """Listen on the socket of a place that is locked. Raises: OSError."""
    with suppress(FileNotFoundError):  # left by an engine that was killed
        os.unlink(place.socket)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(place.socket)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(mask)
    listener.listen(BACKLOG)
    return listener
