"""The sessions that this process has opened: one object for each, however many threads ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakValueDictionary

from invocations.errors import SessionMissing

from .session import Session

MOST_OPEN: Final = 64


class OpenSessions:
    """Opens sessions and keeps the latest ones; safe for several threads.

    An older session is dropped once nothing refers to it any more; a run and `hold` refer to theirs. While a session is
    anywhere in use, `open` returns the same object.

    read: reads a session from the store. most: how many sessions are kept although nothing refers to them
    """

    def __init__(self, read: Callable[[str], Session], most: int = MOST_OPEN) -> None:
        self._read = read
        self._most = most
        self._lock = threading.Lock()
        self._latest: dict[str, Session] = {}  # the session used last comes last
        self._alive: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._reading: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Return how many sessions are in memory."""
        return len(self._alive)

    def find(self, session_id: str) -> Session | None:
        """Return a session if it is in memory."""
        with self._lock:
            found = self._alive.get(session_id)
            if found is not None:
                self._keep(found)
            return found

    def open(self, session_id: str) -> Session:
        """Return a session, reading it if it is not in memory. Raises: what `read` raises."""
        found = self.find(session_id)
        if found is None:
            with self._reader(session_id):
                found = self.find(session_id) or self.add(self._read(session_id))
        return found

    def add(self, session: Session) -> Session:
        """Keep a session that was created or read; return it."""
        with self._lock:
            self._alive[session.id] = session
            self._keep(session)
        return session

    @contextmanager
    def locked(self, session_id: str) -> Iterator[Session]:
        """Open a session and hold its lock. Raises: SessionMissing, if it is deleted meanwhile; what `read` raises."""
        session = self.open(session_id)
        with session.lock:
            if session.is_deleted:
                raise SessionMissing(session_id, f"session `{session_id}` has been deleted")
            yield session

    @contextmanager
    def hold(self, session_id: str) -> Iterator[Session]:
        """Open a session and keep it in memory inside the block. Raises: what `read` raises."""
        session = self.open(session_id)
        try:
            yield session
        finally:
            del session  # not kept by the traceback of an error

    def refresh(self, session_id: str, is_behind: Callable[[str], bool]) -> bool:
        """Read a session again if it is behind and not running; return True if it was read.

        Raises: what `read` raises.
        """
        session = self.find(session_id)
        if session is None:
            self.open(session_id)
            return True
        with session.lock:
            if session.running.locked() or session.is_deleted or not is_behind(session_id):
                return False
            session.become(self._read(session_id))
        return True

    def delete(self, session_id: str, delete: Callable[[str], None]) -> None:
        """Call `delete` with the id of a session that is not running, and forget the session.

        Raises: SessionBusy; what `delete` raises.
        """
        with self._reader(session_id):
            session = self.find(session_id)
            if session is None:
                delete(session_id)
                return
            with session.lock:
                if session.running.locked():
                    raise session.busy()
                try:
                    delete(session_id)
                except SessionMissing:  # another process has deleted it
                    self._forget(session)
                    raise
                self._forget(session)

    def _forget(self, session: Session) -> None:
        session.is_deleted = True
        with self._lock:
            self._alive.pop(session.id, None)
            self._latest.pop(session.id, None)

    def _keep(self, session: Session) -> None:
        """Make a session the latest one, and let go of the one that has not been used for the longest time."""
        self._latest.pop(session.id, None)
        self._latest[session.id] = session
        if len(self._latest) > self._most:
            del self._latest[next(iter(self._latest))]

    @contextmanager
    def _reader(self, session_id: str) -> Iterator[None]:
        """Let one thread at a time read or delete a session."""
        with self._lock:
            lock = self._reading.get(session_id)
            if lock is None:
                lock = self._reading[session_id] = threading.Lock()
        with lock:
            yield
