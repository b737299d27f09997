"""Stored sessions with a queue: add a request to run a part of a session, and cancel it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from invocations.errors import InvocationError, SessionNotTrusted
from invocations.sessions.journal import CANCELLED as LINE_CANCELLED
from invocations.sessions.journal import Extension, LineEnded
from invocations.sessions.session import Session
from invocations.storing.base import SessionStore
from invocations.storing.stored_sessions import StoredSessions

from .base import CANCELLED, LINE, RUNNING, WAITING, QueueItem, QueueLimits, QueueStore


class QueuedSessions(StoredSessions):
    """Sessions whose runs may wait in a queue. A coordinator runs the items (`coordinator.Coordinator`)."""

    def __init__(self, store: SessionStore, *how: Any, **more: Any) -> None:
        super().__init__(store, *how, **more)
        self.limits: QueueLimits | None = QueueLimits()
        self._queue: QueueStore | None = None
        self._makes_queue = threading.Lock()

    @property
    def queue(self) -> QueueStore:
        """The queue, which is stored together with the sessions; opened on first use."""
        with self._makes_queue:
            if self._queue is None:
                self._queue = _open_queue(self._store)
            return self._queue

    def enqueue(self, item: QueueItem, extension: Extension | None = None, *, lines: int | None = None) -> QueueItem:
        """Add an item to the queue (see `changes.new_item`); with an extension, also the line that it runs.

        The line and the item are stored together, or neither is. The item's size and model are filled in.

        lines: see `extend`
        Returns the item as it is stored. Raises: BadValue, MissingNode, QueueFull, SessionMissing, SessionNotTrusted,
        StoreFailed; with an extension also GraphError, SessionChanged.
        """
        from .content import filled, model_of  # imported on demand: only servers have a queue

        added: list[QueueItem] = []
        with self._open.locked(item.session) as session:
            self.check_trusted(session)
            if extension is None:
                return self.queue.add(filled(item, session), limits=self.limits)

            def store(entry: Extension) -> None:
                numbered = replace(
                    item, what=LINE, lines=(len(session.lines) + 1,), size=len(entry.nodes),
                    model=item.model or model_of(session.graph, [node.id for node in entry.nodes]),
                )  # fmt: skip
                added.append(self.queue.add(numbered, entry, limits=self.limits))

            self.extend(session.id, extension, lines=lines, append=store)
        return added[0]

    def cancel(self, item_id: str) -> QueueItem:
        """Cancel an item: a waiting one ends at once, a running one as soon as its coordinator can stop it.

        Returns the item as it is stored; one that has ended stays as it is. Raises: ItemMissing, StoreFailed.
        """
        item = self.queue.get(item_id)
        if item.state == WAITING:
            item = self._cancel_waiting(item)
        if item.state == RUNNING and not item.claim.cancelled:
            item = self.queue.update(item_id, _told_to_cancel)
        return item

    def check_trusted(self, session: Session) -> None:
        """Refuse to run an imported session that nobody has trusted. Raises: SessionNotTrusted."""
        if not self.is_trusted(session):
            message = f"session `{session.id}` was imported and is not trusted yet"
            hint = f"`session resume {session.id}` shows what the session could do and asks for confirmation"
            raise SessionNotTrusted(session.id, message, hint)

    def _cancel_waiting(self, item: QueueItem) -> QueueItem:
        """Cancel an item if it still waits; the lines that only it would have run end as cancelled."""
        from .changes import ended

        def change(found: QueueItem) -> QueueItem | None:
            return ended(found, CANCELLED, self._now()) if found.state == WAITING else None

        if item.what != LINE:
            return self.queue.update(item.id, change)
        try:
            with self._open.locked(item.session) as session:
                unended = {line.number for line in session.open_lines}
                entries = [LineEnded(number, 0.0, LINE_CANCELLED) for number in item.lines if number in unended]
                found = self.queue.update(item.id, change, *entries)
                if found.state == CANCELLED:
                    for entry in entries:
                        session.apply(entry)
                return found
        except InvocationError:  # a session that cannot be read must not stay in the queue
            return self.queue.update(item.id, change)


def _told_to_cancel(item: QueueItem) -> QueueItem | None:
    """Return a running item that its coordinator is to cancel."""
    return replace(item, claim=replace(item.claim, cancelled=True)) if item.state == RUNNING else None


def _open_queue(store: SessionStore) -> QueueStore:
    from invocations.storing.local import LocalStore  # imported on demand, like the others: only servers have a queue

    if isinstance(store, LocalStore):
        from .local import LocalQueue

        return LocalQueue(store)
    from .memory import MemoryQueue

    return MemoryQueue(store)
