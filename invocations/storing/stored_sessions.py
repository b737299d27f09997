"""Create, open, extend and delete the sessions of a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial

from invocations.errors import SessionChanged
from invocations.graph.graph import Graph
from invocations.graph.node_type import Specs
from invocations.sessions.journal import CANCELLED, OPEN, LineEnded
from invocations.sessions.open_sessions import MOST_OPEN, OpenSessions
from invocations.sessions.session import Extension, Forgotten, JournalEntry, Key, Session, new_session_id

from .base import SessionLists, SessionStore, checked_title


class StoredSessions(SessionLists):
    """The sessions of a store, each of which is one object in this process; safe for several threads.

    spec: returns the metadata of a node type. most_open: how many sessions are kept in memory although nothing uses
    them. now: returns seconds since 1970
    """

    def __init__(
        self, store: SessionStore, spec: Specs, *, most_open: int = MOST_OPEN, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._spec = spec
        self._now = now
        self._open = OpenSessions(self._read, most_open)
        self._trusted: set[str] = set()

    def create(self, graph: Graph | None = None, *, title: str = "") -> Session:
        """Create a session, which is empty or starts with a graph; for `title`, see `change`.

        Raises: GraphError, BadValue.
        """
        title = checked_title(title)
        created = self._now()
        session = Session(new_session_id(created), created, self._spec)
        if graph is not None:
            session.apply(session.prepared(Extension(tuple(graph.nodes.values()), tuple(graph.edges)), created))
        self._store.create(session.id, created, session.log, title=title)
        return self._open.add(session)

    def add(self, session: Session) -> None:
        """Store an imported session, completely or not at all. Raises: SessionExists, StoreFailed."""
        self._store.create(session.id, session.created, session.log, imported=True)
        session.imported = session.is_reopened = True
        self._open.add(session)

    def trust(self, session_id: str) -> None:
        """Allow this process to run an imported session."""
        self._trusted.add(session_id)

    def is_trusted(self, session: Session) -> bool:
        """Return True if a session may run in this process: it was not imported, or `trust` was called for it."""
        return not session.imported or session.id in self._trusted

    def open(self, session_id: str) -> Session:
        """Return a session, reading it from the store if necessary.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        return self._open.open(session_id)

    def hold(self, session_id: str) -> AbstractContextManager[Session]:
        """Return a context manager that opens a session and keeps it in memory, for example while somebody watches it.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        return self._open.hold(session_id)

    def catch_up(self, session_id: str) -> bool:
        """Read a session again if another process changed it and it is not running here; return True if it was read.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        return self._open.refresh(session_id, self._store.is_behind)

    def delete(self, session_id: str) -> None:
        """Delete a session. Raises: SessionMissing; SessionBusy, if it is running or another process uses it."""
        self._open.delete(session_id, self._store.delete)
        self._trusted.discard(session_id)

    def extend(
        self, session_id: str, extension: Extension, *, lines: int | None = None,
        append: Callable[[Extension], None] | None = None,
    ) -> Session:  # fmt: skip
        """Add nodes and edges, all or none; seeds without a value are chosen now.

        lines: refuse if the session has another number of lines, because the caller does not know them
        append: appends the entry to the log, together with something else (default: the store appends it)

        Raises: GraphError, SessionMissing; SessionChanged, if another process has added lines: see `catch_up`.
        """
        with self._open.locked(session_id) as session:
            if lines is not None and lines != len(session.lines):
                message = f"session `{session_id}` has {len(session.lines)} lines instead of {lines}"
                raise SessionChanged(session_id, message, "another client has changed it: read it again")
            prepared = session.prepared(extension, self._now())
            store = append or partial(self._store.append, session_id)
            session.extend(prepared, lambda: store(prepared))
        return session

    def forget(self, session_id: str, results: Collection[Key], nodes: Collection[str] = ()) -> None:
        """Drop results that are incomplete or whose content no longer exists, so that they are recomputed.

        nodes: unfinished nodes that may have these results as inputs; their inputs are gathered again.
        """
        with self._open.locked(session_id) as session:
            entry = Forgotten(tuple(nodes), tuple(results))
            session.apply(entry)
            self._store.append(session_id, entry)

    def take_in(self, session_id: str, entries: Sequence[JournalEntry]) -> None:
        """Add entries about nodes that ran elsewhere, such as results from another session."""
        with self._open.locked(session_id) as session:
            self._store.append(session_id, *entries)
            for entry in entries:
                session.apply(entry)
            session.expansion.advance()
            session.is_reopened = True

    def reopen_lines(self, session_id: str, lines: Collection[int]) -> None:
        """Record that cancelled lines have not ended after all, because their run will go on later."""
        with self._open.locked(session_id) as session:
            cancelled = [number for number in lines if session.lines[number - 1].outcome == CANCELLED]
            entries = [LineEnded(number, 0.0, OPEN) for number in cancelled]
            if entries:
                self._store.append(session_id, *entries)
                for entry in entries:
                    session.apply(entry)

    def _read(self, session_id: str) -> Session:
        """Read a session from the store. Raises: SessionMissing, SessionDamaged, GraphError."""
        session = Session(session_id, self._store.created(session_id), self._spec)
        session.imported, session.is_reopened = self._store.imported(session_id), True
        for entry in self._store.read(session_id):
            session.apply(entry)
        session.expansion.advance()
        return session
