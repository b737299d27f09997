"""What an invoker returns and records about sessions without opening them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.errors import BadValue

from .base import ALL, MAX_TITLE, LineInfo, SessionFilter, SessionInfo, SessionStore

if TYPE_CHECKING:
    from .totals import SessionTotals


class SessionLists:
    """Lists the sessions of a store, and changes their titles and pins."""

    _store: SessionStore

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
