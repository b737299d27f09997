"""Items for the tests of the queue, and a short notation for the order in which they run."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from invocations.queueing.base import ALL, Candidates, QueueItem, QueueStore
from invocations.queueing.changes import claimed, ended
from invocations.queueing.order import choose

CREATED = count(1)


def item(id_: str, session: str = "s", **more: Any) -> QueueItem:
    """Return an item that runs everything in a session."""
    return QueueItem(id_, session, ALL, float(next(CREATED)), **more)


def take(
    queue: QueueStore, model: str = "", now: float = 100.0, claimant: str = "c", boot: str = "b"
) -> QueueItem | None:
    """Claim the next item, as a coordinator does."""

    def chosen(found: Candidates) -> list[QueueItem]:
        choice = choose(found, model, now)
        if choice is None:
            return []
        first, passed = choice
        turn, length = found.turns.latest + 1, found.log_length(first.session)
        first = claimed(first, claimant, "w1", turn=turn, length=length, boot=boot, now=now)
        return [first] if passed is None else [first, passed]

    return queue.claim(chosen)


def finish(queue: QueueStore, item: QueueItem, state: str = "done") -> QueueItem:
    """Record that an item has ended."""
    return queue.update(item.id, lambda item: ended(item, state, 200.0))


def drained(queue: QueueStore, model: str = "", most: int = 1000) -> str:
    """Run all items one after another, and return their ids."""
    found = []
    while len(found) < most and (next_ := take(queue, model)) is not None:
        finish(queue, next_)
        found.append(next_.id)
    return " ".join(found)


def tried(item: QueueItem, **more: Any) -> QueueItem:
    """Return an item whose claim has other values."""
    return replace(item, claim=replace(item.claim, **more))
