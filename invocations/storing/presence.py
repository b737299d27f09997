"""Who is at work in a session: a lock on one byte of a file for each session, which ends with its process.

Where a system has no such locks nobody is seen; the numbers of a log's entries keep it whole even then.
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
    """The sessions that this process holds, shared with whoever else holds them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: int | None = None
        self._held: set[str] = set()

    def hold(self, session_id: str) -> None:
        """Tell other processes that this one works in a session, until it is let go; an unlockable file is no error."""
        with self._lock:
            if session_id not in self._held:
                self._held.add(session_id)
                self._try("shared", session_id)

    def is_shared(self, session_id: str) -> bool:
        """Whether another process holds a session."""
        with self._lock:
            alone = self._try("alone", session_id)
            self._try("shared" if session_id in self._held else "none", session_id)
        return not alone

    def close(self) -> None:
        """Let go of all sessions."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._held.clear()

    def _try(self, how: str, session_id: str) -> bool:
        """Lock the byte of a session without waiting; False where another process has it."""
        if fcntl is None:
            return True
        flags = {"shared": fcntl.LOCK_SH | fcntl.LOCK_NB, "alone": fcntl.LOCK_EX | fcntl.LOCK_NB, "none": fcntl.LOCK_UN}
        place = int.from_bytes(sha256(session_id.encode("utf-8", "surrogatepass")).digest()[:6], "big")
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.lockf(self._file, flags[how], 1, place)
        except (BlockingIOError, PermissionError):
            return how != "alone"
        except OSError:  # a file system without locks
            return True
        return True
