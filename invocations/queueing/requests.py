"""Add an item to the queue, alone or together with the line that it runs, and cancel it; see `Invoker`."""

from __future__ import annotations

from dataclasses import replace

from invocations.errors import InvocationError
from invocations.sessions.journal import CANCELLED as LINE_CANCELLED
from invocations.sessions.journal import Extension, LineEnded
from invocations.storing.base import SessionStore
from invocations.storing.local import LocalStore
from invocations.storing.stored_sessions import StoredSessions

from .base import CANCELLED, LINE, RUNNING, WAITING, QueueItem, QueueStore
from .changes import ended
from .content import filled, model_of
from .local import LocalQueue
from .memory import MemoryQueue


def open_queue(store: SessionStore) -> QueueStore:
    """Return the queue that is stored together with the sessions of a store."""
    return LocalQueue(store) if isinstance(store, LocalStore) else MemoryQueue(store)


def add_item(sessions: StoredSessions, queue: QueueStore, item: QueueItem) -> QueueItem:
    """Add an item; its size and model are filled in. Raises: see `Invoker.enqueue`."""
    with sessions.hold(item.session) as session, session.lock:
        return queue.add(filled(item, session))


def add_line(
    sessions: StoredSessions, queue: QueueStore, item: QueueItem, extension: Extension, *, lines: int | None
) -> QueueItem:
    """Add a line and the item that runs it, both or neither. Raises: see `Invoker.enqueue`."""
    added: list[QueueItem] = []
    with sessions.hold(item.session) as session, session.lock:

        def append(entry: Extension) -> None:
            model = item.model or model_of(session.graph, [node.id for node in entry.nodes])
            number = len(session.lines) + 1
            numbered = replace(item, what=LINE, lines=(number,), size=len(entry.nodes), model=model)
            added.append(queue.add(numbered, entry))

        sessions.extend(session.id, extension, lines=lines, append=append)
    return added[0]


def cancel_item(sessions: StoredSessions, queue: QueueStore, item_id: str, now: float) -> QueueItem:
    """Cancel an item: it ends now if it waits; otherwise, its coordinator is asked to stop it. Raises: ItemMissing."""
    item = queue.get(item_id)
    if item.state == WAITING:
        item = _cancel_waiting(sessions, queue, item, now)
    if item.state == RUNNING and not item.claim.cancelled:
        item = queue.update(item_id, _asked_to_stop)
    return item


def _asked_to_stop(item: QueueItem) -> QueueItem | None:
    return replace(item, claim=replace(item.claim, cancelled=True)) if item.state == RUNNING else None


def _cancel_waiting(sessions: StoredSessions, queue: QueueStore, item: QueueItem, now: float) -> QueueItem:
    """Cancel an item if it still waits; the lines that only it would have run end as cancelled."""

    def change(found: QueueItem) -> QueueItem | None:
        return ended(found, CANCELLED, now) if found.state == WAITING else None

    if item.what != LINE:
        return queue.update(item.id, change)
    try:
        with sessions.hold(item.session) as session, session.lock:
            unended = {line.number for line in session.open_lines}
            entries = [LineEnded(number, 0.0, LINE_CANCELLED) for number in item.lines if number in unended]
            found = queue.update(item.id, change, *entries)
            if found.state == CANCELLED:
                for entry in entries:
                    session.apply(entry)
            return found
    except InvocationError:  # a session that cannot be read must not stay in the queue
        return queue.update(item.id, change)
