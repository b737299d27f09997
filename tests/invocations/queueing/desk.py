"""A desk for the tests of the coordinator: an invoker with small nodes, a coordinator, and what it has told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from invocations.events import Event
from invocations.invoker import Invoker
from invocations.queueing.base import QueueItem
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import QueueSlot
from invocations.sessions.session import Session
from invocations.storing.base import SessionStore
from invocations.storing.memory import MemoryStore
from tests.invocations.bench import extension, make_invoker, node

DEADLINE_S = 30.0


class Desk:
    """A coordinator that tells the desk about items and events; threads can wait for what is told."""

    def __init__(self, store: SessionStore, slots: int = 1, **how: Any) -> None:
        self.invoker: Invoker = make_invoker(store)
        if isinstance(store, MemoryStore):  # all desks on one store have the same queue, as they have in a file
            self.invoker._queue = store.__dict__.setdefault("queue", self.invoker.queue)
        self.told: list[QueueItem] = []
        self.events: list[tuple[str, Event]] = []
        self._news = threading.Condition()
        self.coordinator = Coordinator(
            self.invoker, slots=[QueueSlot(f"w{n}") for n in range(1, slots + 1)], on_event=self._event,
            on_item=self._item, **how,
        )  # fmt: skip

    def session(self, *kinds: str) -> Session:
        """Return a new session with a line for each word, such as `slow` or `picky 13`."""
        session = self.invoker.create()
        for kind in kinds:
            self.line(session, kind)
        return session

    def line(self, session: Session, kind: str) -> int:
        """Add a line to a session, and return its number."""
        self.invoker.extend(session.id, line_of(session, kind))
        return len(session.lines)

    def add_line(self, session: Session, kind: str, **more: Any) -> QueueItem:
        """Add a line to a session together with the item that runs it."""
        return self.coordinator.enqueue_graph(session.id, line_of(session, kind), **more)

    def until(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened."""
        with self._news:
            assert self._news.wait_for(happened, DEADLINE_S), [(each.id, each.state) for each in self.told]

    def end(self, item: QueueItem) -> QueueItem:
        """Wait until an item has ended, and return it."""
        found = self.coordinator.wait(item.id, DEADLINE_S)
        assert found.is_ended, found
        return found

    def started(self, session: Session) -> bool:
        """Return True if a node of a session has reported a step."""
        return any(id_ == session.id and event.event == "node_progress" for id_, event in self.events)

    def states(self, item: QueueItem) -> list[str]:
        """Return the states of an item that were told, in order."""
        return [each.state for each in self.told if each.id == item.id]

    def kinds(self, session: Session) -> list[str]:
        """Return the names of the events of a session, in order."""
        return [event.event for id_, event in self.events if id_ == session.id]

    def close(self) -> None:
        """Stop at once, as a server does at its end."""
        self.coordinator.shutdown(0.0)
        self.invoker.close()

    def _event(self, session_id: str, event: Event) -> None:
        with self._news:
            self.events.append((session_id, event))
            self._news.notify_all()

    def _item(self, item: QueueItem) -> None:
        with self._news:
            self.told.append(item)
            self._news.notify_all()


def line_of(session: Session, kind: str) -> Any:
    """Return a line of one node, whose id is the number of the line: `slow`, `number`, `add N` or `picky N`."""
    number = len(session.lines) + 1
    type_, _, value = kind.partition(" ")
    values = {"number": {"value": number}, "slow": {"steps": 3}, "dice": {}}.get(type_, {"a": int(value or 1)})
    return extension([node(f"n{number} {type_}", **values)], line=kind)
