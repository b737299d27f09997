"""Find out whether the coordinator that claimed an item is still at work.

Each coordinator locks one byte of a file beside the sessions. The system releases the lock when the process ends,
however it ends, so no clock is needed.
"""

from __future__ import annotations

import threading
from pathlib import Path

from invocations.storing.presence import Presence

_lock = threading.Lock()
_presences: dict[Path, Presence] = {}  # shared, because a process loses its locks when it closes the file anywhere
_here: dict[Path, set[str]] = {}  # the coordinators in this process


class Leases:
    """The coordinators that are at work on the sessions in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".queue.lock").absolute()

    def hold(self, claimant: str) -> None:
        """Let other processes know that a coordinator is at work in this process."""
        with _lock:
            _here.setdefault(self._path, set()).add(claimant)
            _presences.setdefault(self._path, Presence(self._path)).hold(claimant)

    def release(self, claimant: str) -> None:
        """Let other processes know that a coordinator has ended."""
        with _lock:
            names = _here.get(self._path, set())
            if claimant in names:
                names.remove(claimant)
                _presences[self._path].release(claimant)
            if not names and self._path in _presences:
                _presences.pop(self._path).close()

    def is_held(self, claimant: str) -> bool:
        """Return True if a coordinator is at work, in this process or another one."""
        with _lock:
            if claimant in _here.get(self._path, ()):
                return True
            known = _presences.get(self._path)
            found = known or Presence(self._path)
            try:
                return found.is_shared(claimant)
            finally:
                if known is None:
                    found.close()
