"""The session store: an append-only log of entries for each session, and lists of sessions and lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from invocations.errors import BadValue
from invocations.frozen import frozen
from invocations.sessions.session import JournalEntry

if TYPE_CHECKING:
    from .gallery.base import Gallery
    from .past_runs import PastRun
    from .totals import SessionTotals

NOT_FAILED = ("", "done", "skipped")  # outcomes of lines that neither failed nor were cancelled
LOCAL = "local"  # the owner of a session as long as there is one user
MAX_TITLE = 200  # characters


@frozen
class SessionInfo:
    """A summary of one session; times are in seconds since 1970.

    entries, bytes: the size of the session's log. failed: the number of lines that failed or were cancelled. imported:
    whether the session was imported, in which case it may come from anyone. cancelled: the number of lines that were
    cancelled. open: the number of lines that have not ended, because they are running or their process has died.
    title: what the user called the session, or "". owner: who may list it.
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
    imported: bool = False
    cancelled: int = 0
    open: int = 0
    title: str = ""
    pinned: bool = False
    owner: str = LOCAL

    @property
    def position(self) -> tuple[float, str]:
        """The place of the session in the list; see `SessionFilter.before`."""
        return self.changed, self.id


@frozen
class LineInfo:
    """One line that was run in a session."""

    session: str
    number: int
    text: str
    source: str = ""  # FILE:LINE, or "" if typed at the interactive prompt
    started: float = 0.0
    seconds: float = 0.0
    outcome: str = ""  # done, failed, cancelled or skipped; "" until the line ends

    @property
    def position(self) -> tuple[float, str, int]:
        """The place of the line in the list; see `SessionFilter.before_line`."""
        return self.started, self.session, self.number


@frozen
class SessionFilter:
    """Selects lines, or sessions that contain such a line.

    words: the line, or the title of the session, contains all these words, ignoring case. failed: the line failed or
    was cancelled. since: the line started, or the session changed, at this time or later. limit: the maximum number,
    latest first; None sets no limit.

    Only for sessions: own: omit imported sessions. pinned: whether the session is pinned; None selects both. owner: the
    owner of the session; "" selects all. before: the `position` of the last session of the previous page.
    Only for lines: before_line: the `position` of the earliest line of the previous page.
    """

    words: tuple[str, ...] = ()
    failed: bool = False
    since: float = 0.0
    session: str = ""
    limit: int | None = None
    own: bool = False
    pinned: bool | None = None
    owner: str = ""
    before: tuple[float, str] | None = None
    before_line: tuple[float, str, int] | None = None

    def fits(self, line: LineInfo) -> bool:
        """Return True if a line matches, regardless of `since`, `session` and `limit`."""
        return self._has_words(line.text) and not (self.failed and line.outcome in NOT_FAILED)

    def fits_title(self, title: str) -> bool:
        """Return True if a session is selected because of its title, whatever its lines are."""
        return not self.failed and self._has_words(title)

    def _has_words(self, text: str) -> bool:
        folded = text.casefold()
        return all(word.casefold() in folded for word in self.words)


ALL = SessionFilter()


class SessionStore(ABC):
    """Base class of stores for the logs of sessions."""

    @abstractmethod
    def create(
        self, session_id: str, created: float, entries: Iterable[JournalEntry] = (), *, imported: bool = False,
        title: str = "", owner: str = LOCAL,
    ) -> None:  # fmt: skip
        """Create a session's log with these entries, completely or not at all. Raises: SessionExists, StoreFailed."""

    @abstractmethod
    def append(self, session_id: str, *entries: JournalEntry) -> None:
        """Append entries, all or none, at a cost that does not grow with the log.

        If another process has appended to the log, entries about nodes are added after those entries, but a new line is
        refused, because the numbers of its nodes may be taken. Raises: SessionMissing, SessionChanged, StoreFailed.
        """

    @abstractmethod
    def is_behind(self, session_id: str) -> bool:
        """Return True if another process has appended entries that this process has not read. Raises: StoreFailed."""

    @abstractmethod
    def in_use(self, session_id: str) -> bool:
        """Return True if another process that appended to the log is still running."""

    @abstractmethod
    def created(self, session_id: str) -> float:
        """Return the time when a session was created. Raises: SessionMissing."""

    @abstractmethod
    def imported(self, session_id: str) -> bool:
        """Return True if a session was imported, in which case it may come from anyone. Raises: SessionMissing."""

    @abstractmethod
    def read(self, session_id: str) -> Iterator[JournalEntry]:
        """Return the entries in order. Raises: SessionMissing, SessionDamaged."""

    @abstractmethod
    def infos(self, selection: SessionFilter = ALL) -> list[SessionInfo]:
        """Return the selected sessions, most recently changed first, without reading their logs."""

    @abstractmethod
    def lines(self, selection: SessionFilter = ALL) -> list[LineInfo]:
        """Return the selected lines, the latest last."""

    @abstractmethod
    def info(self, session_id: str) -> SessionInfo:
        """Return the summary of a session. Raises: SessionMissing."""

    @abstractmethod
    def change(self, session_id: str, *, title: str | None = None, pinned: bool | None = None) -> None:
        """Change the title of a session, or pin or unpin it; None leaves a value as it is. Raises: SessionMissing."""

    @abstractmethod
    def describe_line(self, session_id: str, number: int, text: str) -> None:
        """Record the text of a line that has none, because its nodes were added as a graph. Raises: SessionMissing."""

    @property
    @abstractmethod
    def gallery(self) -> Gallery:
        """The images that lines have made, and those that users have sent."""

    @abstractmethod
    def totals(self, session_id: str, most: int | None = None) -> SessionTotals:
        """Return how often the nodes of a session ran, and the time and memory they took.

        most: return only this many nodes, those that took longest; None returns all.

        Raises: SessionMissing, SessionDamaged, StoreFailed.
        """

    def past_runs(self) -> Iterator[PastRun]:
        """Yield the latest runs of nodes, the latest first; none if the store cannot find them quickly."""
        return iter(())

    @abstractmethod
    def delete(self, session_id: str) -> None:
        """Remove a session. Raises: SessionMissing, SessionBusy."""

    @abstractmethod
    def note_script(self, session_id: str, script: str, digest: str) -> None:
        """Record that a session runs a script. Raises: StoreFailed."""

    @abstractmethod
    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        """Return (session, hash of the script's text) for each session that ran a script, the latest first."""

    def close(self) -> None:
        """Close open files."""
        return None


class SessionLists:
    """Lists the sessions of a store without opening them, and changes their titles and pins."""

    _store: SessionStore

    @property
    def gallery(self) -> Gallery:
        """The images that lines have made, and those that users have sent."""
        return self._store.gallery

    def in_use(self, session_id: str) -> bool:
        """Return True if another process is using a session."""
        return self._store.in_use(session_id)

    def sessions(self, selection: SessionFilter = ALL) -> list[SessionInfo]:
        """Return all sessions, or those that `selection` selects, most recently changed first."""
        return self._store.infos(selection)

    def lines(self, selection: SessionFilter = ALL) -> list[LineInfo]:
        """Return the lines of all sessions, or those that `selection` selects, the latest last."""
        return self._store.lines(selection)

    def info(self, session_id: str) -> SessionInfo:
        """Return the summary of one session. Raises: SessionMissing."""
        return self._store.info(session_id)

    def change(self, session_id: str, *, title: str | None = None, pinned: bool | None = None) -> SessionInfo:
        """Change the title of a session, or pin or unpin it; None leaves a value as it is.

        title: at most 200 characters, see `checked_title`; "" removes it
        Raises: SessionMissing, BadValue.
        """
        self._store.change(session_id, title=None if title is None else checked_title(title), pinned=pinned)
        return self._store.info(session_id)

    def describe_line(self, session_id: str, number: int, text: str) -> None:
        """Record the text of a line that has none, because its nodes were added as a graph. Raises: SessionMissing."""
        self._store.describe_line(session_id, number, text)

    def totals(self, session_id: str, most: int | None = None) -> SessionTotals:
        """Return how often the nodes of a session ran, and how much time and memory they took, without opening it."""
        return self._store.totals(session_id, most)

    def past_runs(self) -> Iterator[PastRun]:
        """Yield the latest runs of nodes, the latest first, except in imported sessions. Raises: StoreFailed."""
        return self._store.past_runs()

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        """Record that a session runs a script, which is identified by its absolute path and the hash of its text."""
        self._store.note_script(session_id, script, digest)

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        """Return (session id, hash of the script's text) for each session that ran a script, the latest first."""
        return self._store.sessions_of(script)


def checked_title(title: str) -> str:
    """Return a title in one line, without characters that cannot be printed. Raises: BadValue, if it is too long."""
    shown = "".join(each if each.isprintable() else " " for each in title)
    text = " ".join(shown.split())
    if len(text) > MAX_TITLE:
        message = f"the title has {len(text)} characters; it can have at most {MAX_TITLE}"
        raise BadValue("title", message, "shorten it")
    return text
