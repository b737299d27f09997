"""Where sessions are kept: a log of entries for each, appended to and never rewritten."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from invocations.session import Entry


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One row of `sessions`; times in seconds since 1970."""

    id: str
    created: float
    changed: float
    entries: int
    lines: int
    first_line: str = ""


class SessionStore(ABC):
    """Keeps the logs of sessions."""

    @abstractmethod
    def create(self, session_id: str, created: float) -> None:
        """Begin an empty log. Raises: SessionExists."""

    @abstractmethod
    def append(self, session_id: str, *entries: Entry) -> None:
        """Add entries, all or none, at a cost that does not grow with the log. Raises: SessionMissing, StoreFailed."""

    @abstractmethod
    def created(self, session_id: str) -> float:
        """Return when a session was made. Raises: SessionMissing."""

    @abstractmethod
    def read(self, session_id: str) -> Iterator[Entry]:
        """Return the entries in order. Raises: SessionMissing, SessionDamaged."""

    @abstractmethod
    def infos(self) -> list[SessionInfo]:
        """Return what is kept, the latest changed first."""

    @abstractmethod
    def delete(self, session_id: str) -> None:
        """Remove a session. Raises: SessionMissing."""

    @abstractmethod
    def note_script(self, session_id: str, script: str, digest: str) -> None:
        """Keep that a session runs a script. Raises: StoreFailed."""

    @abstractmethod
    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        """Return the sessions that ran a script, with what its text hashed to, the latest first."""

    def close(self) -> None:
        """Let go of files."""
        return None
