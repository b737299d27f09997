"""Where sessions are kept: a log of entries for each, appended to and never rewritten; and the list of all lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from invocations.frozen import frozen
from invocations.sessions.session import JournalEntry

WELL = ("", "done")  # outcomes of lines that did not fail and were not stopped


@frozen
class SessionInfo:
    """One row of `sessions`; times in seconds since 1970.

    entries, bytes: how long its log is. failed: how many of its lines failed or were stopped.
    """

    id: str
    created: float
    changed: float
    entries: int
    lines: int
    first_line: str = ""
    nodes: int = 0
    failed: int = 0
    bytes: int = 0


@frozen
class LineInfo:
    """One line that was run in some session."""

    session: str
    number: int
    text: str
    source: str = ""  # file:line, "" for the prompt
    started: float = 0.0
    seconds: float = 0.0
    outcome: str = ""  # done, failed, cancelled, "" while it has not ended


@frozen
class SessionFilter:
    """Which lines, or the sessions that have such a line.

    words: all of them occur in the line, whatever their case. failed: it failed or was stopped. since: it was begun, or
    the session changed, at that time or later. most: the latest so many, None for all.
    """

    words: tuple[str, ...] = ()
    failed: bool = False
    since: float = 0.0
    session: str = ""
    most: int | None = None

    def fits(self, line: LineInfo) -> bool:
        """Whether a line matches, whenever it was started."""
        text = line.text.casefold()
        return all(word.casefold() in text for word in self.words) and not (self.failed and line.outcome in WELL)


ALL = SessionFilter()


class SessionStore(ABC):
    """Keeps the logs of sessions."""

    @abstractmethod
    def create(self, session_id: str, created: float, entries: Iterable[JournalEntry] = ()) -> None:
        """Begin a log, with all of some entries or not at all. Raises: SessionExists, StoreFailed."""

    @abstractmethod
    def append(self, session_id: str, *entries: JournalEntry) -> None:
        """Add entries, all or none, at a cost that does not grow with the log.

        What nodes did is added behind whatever another process has added meanwhile; lines are not, because their nodes
        are numbered by those before them. Raises: SessionMissing, SessionChanged, StoreFailed.
        """

    @abstractmethod
    def is_behind(self, session_id: str) -> bool:
        """Whether another process has added entries that were not read here. Raises: StoreFailed."""

    @abstractmethod
    def in_use(self, session_id: str) -> bool:
        """Whether another process that appended to the log is still running."""

    @abstractmethod
    def created(self, session_id: str) -> float:
        """Return when a session was made. Raises: SessionMissing."""

    @abstractmethod
    def read(self, session_id: str) -> Iterator[JournalEntry]:
        """Return the entries in order. Raises: SessionMissing, SessionDamaged."""

    @abstractmethod
    def infos(self, wanted: SessionFilter = ALL) -> list[SessionInfo]:
        """Return the sessions that are wanted, the latest changed first; none of them is read for it."""

    @abstractmethod
    def lines(self, wanted: SessionFilter = ALL) -> list[LineInfo]:
        """Return the lines that are wanted, the latest last."""

    @abstractmethod
    def delete(self, session_id: str) -> None:
        """Remove a session. Raises: SessionMissing, SessionBusy."""

    @abstractmethod
    def note_script(self, session_id: str, script: str, digest: str) -> None:
        """Keep that a session runs a script. Raises: StoreFailed."""

    @abstractmethod
    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        """Return the sessions that ran a script, with what its text hashed to, the latest first."""

    def close(self) -> None:
        """Let go of files."""
        return None
