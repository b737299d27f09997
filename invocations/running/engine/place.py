"""Where an engine's socket, lock and log are: in a folder that only this user can read, under a name of its own.

The name is a hash of what must not differ between an engine and its clients, so that another version of the program,
another home folder or another device has another engine.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from invocations.frozen import frozen
from invocations.versions import PROGRAM, versions

MAX_PATH_BYTES = 103  # the longest path of a socket on every POSIX system
FOLDERS = ("core", "invocations")  # where the code is that an engine runs
GENERATED = frozenset({"snapshot_data", "__pycache__"})


class DeviceSettings(Protocol):
    """The settings that decide which engine is used."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def cache_dir(self) -> Path: ...
    @property
    def device(self) -> str: ...
    @property
    def dtype(self) -> str: ...


@frozen
class EnginePlace:
    """The files of one engine, which are named by its hash."""

    folder: str
    name: str

    @property
    def socket(self) -> str:
        """The path of the socket."""
        return self._file("sock")

    @property
    def lock(self) -> str:
        """The path of the file that the engine locks as long as it runs."""
        return self._file("lock")

    @property
    def log(self) -> str:
        """The path of the log, which is emptied whenever the engine starts."""
        return self._file("log")

    @property
    def crashes(self) -> str:
        """The path of the file with the times of crashes."""
        return self._file("crashes")

    @property
    def is_short(self) -> bool:
        """Whether the path of the socket is short enough for the operating system."""
        return len(os.fsencode(self.socket)) <= MAX_PATH_BYTES

    def _file(self, suffix: str) -> str:
        return os.path.join(self.folder, f"{self.name}.{suffix}")


def engine_place(settings: DeviceSettings, variables: Mapping[str, str] = os.environ) -> EnginePlace:
    """Return the place of the engine for these settings."""
    facts = [
        versions().get(PROGRAM, ""), source_state(), sys.version, sys.prefix, str(settings.data_dir.absolute()),
        str(settings.cache_dir.absolute()), settings.device, settings.dtype,
        socket.gethostname(),  # several machines may share the data folder
    ]  # fmt: skip
    digest = hashlib.sha256("\n".join(facts).encode("utf-8", "surrogateescape")).hexdigest()
    runtime = variables.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and _is_own_folder(runtime):
        return EnginePlace(os.path.join(runtime, "invokeai"), f"engine-{digest[:16]}")
    return EnginePlace(str(settings.data_dir.absolute() / "run"), f"engine-{digest[:16]}")


def _is_own_folder(path: str) -> bool:
    """Return True if a folder exists and belongs to this user; after `sudo`, the runtime folder is that of another."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and hasattr(os, "getuid") and found.st_uid == os.getuid()


def source_state() -> str:
    """Return a hash that changes with the source files that an engine runs."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    states = sorted(state for folder in FOLDERS for state in _states(os.path.join(root, folder)))
    return hashlib.sha256("\n".join(states).encode("utf-8", "surrogateescape")).hexdigest()


def _states(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
            elif entry.name not in GENERATED and entry.is_dir():
                yield from _states(entry.path)


def why_unsafe(path: str) -> str:
    """Return why another user could have made, or could use, this folder or socket; "" if it is safe.

    Raises: FileNotFoundError.
    """
    found = os.lstat(path)
    if not (stat.S_ISDIR(found.st_mode) or stat.S_ISSOCK(found.st_mode)):
        return f"{path} is neither a folder nor a socket"
    if found.st_uid != os.getuid():
        return f"{path} belongs to another user"
    if found.st_mode & 0o077:
        return f"other users may use {path}"
    return ""
