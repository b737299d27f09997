"""Find out which sessions other processes use.

Each process locks one byte of a file for each session, or anything else with a name, that it uses; the system releases
the locks when the process ends. On a system without such locks, other processes go unnoticed, but the numbering of
entries still keeps each log consistent.
"""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Presence:
    """Holds a shared lock for each session that this process uses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: int | None = None
        self._held: set[str] = set()

    def hold(self, session_id: str) -> None:
        """Let other processes know that this one uses a session; if the file cannot be locked, do nothing."""
        with self._lock:
            if session_id not in self._held:
                self._held.add(session_id)
                self._try("shared", session_id)

    def is_shared(self, session_id: str) -> bool:
        """Return True if another process uses a session."""
        with self._lock:
            exclusive = self._try("exclusive", session_id)
            self._try("shared" if session_id in self._held else "none", session_id)
        return not exclusive

    def release(self, session_id: str) -> None:
        """Let other processes know that this one uses a session no longer."""
        with self._lock:
            self._held.discard(session_id)
            self._try("none", session_id)

    def close(self) -> None:
        """Release all sessions."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._held.clear()

    def _try(self, mode: str, session_id: str) -> bool:
        """Lock the byte of a session without waiting; return False if another process prevents the exclusive lock."""
        if fcntl is None:
            return True
        flags = {
            "shared": fcntl.LOCK_SH | fcntl.LOCK_NB,
            "exclusive": fcntl.LOCK_EX | fcntl.LOCK_NB,
            "none": fcntl.LOCK_UN,
        }
        place = int.from_bytes(sha256(session_id.encode("utf-8", "surrogatepass")).digest()[:6], "big")
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.lockf(self._file, flags[mode], 1, place)
        except (BlockingIOError, PermissionError):
            return mode != "exclusive"
        except OSError:  # the file system does not support locks
            return True
        return True
