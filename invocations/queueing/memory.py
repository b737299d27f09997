"""Keep the queue in the memory of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from invocations.errors import SessionMissing
from invocations.sessions.journal import JournalEntry
from invocations.storing.base import SessionStore

from .base import (
    EVERY_ITEM,
    RUNNING,
    WAITING,
    Candidates,
    ItemFilter,
    Lane,
    QueueItem,
    QueueStore,
    QueueTurns,
)
from .changes import moved, numbers_between, placed, raised, renumbered
from .limits import KEPT_ENDED, check_room, check_waiting, missing


class MemoryQueue(QueueStore):
    """Keeps items in a dictionary, beside any store of sessions."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._items: dict[str, QueueItem] = {}
        self._held: set[str] = set()
        self._is_paused = False
        self._number = 0

    def add(self, item: QueueItem, *entries: JournalEntry) -> QueueItem:
        with self._lock:
            self._store.created(item.session)
            waiting = self.items(ItemFilter((WAITING,), owner=item.owner))
            check_room(item, self.limits, len(waiting), sum(each.size for each in waiting))
            if entries:
                self._store.append(item.session, *entries)
            self._number += 1
            self._items[item.id] = item = placed(item, float(self._number))
            for old in [each for each in self.items() if each.is_ended][KEPT_ENDED:]:
                del self._items[old.id]
            return item

    def get(self, item_id: str) -> QueueItem:
        with self._lock:
            item = self._items.get(item_id)
            if item is None or not self._is_there(item.session):
                raise missing(item_id)
            return item

    def items(self, selection: ItemFilter = EVERY_ITEM) -> list[QueueItem]:
        with self._lock:
            self._drop_lost()
            found = filter(selection.fits, self._items.values())
            return sorted(found, key=lambda item: (item.created, item.id), reverse=True)[: selection.limit]

    def turns(self) -> QueueTurns:
        with self._lock:
            lanes: dict[Lane, int] = {}
            latest = batch = 0
            for item in self._items.values():
                lane, turn = (item.place.owner, item.place.lane), item.claim.turn
                if turn:
                    lanes[lane] = max(lanes.get(lane, 0), turn)
                latest = max(latest, turn)
                batch = max(batch, turn if item.batch else 0)
            return QueueTurns(lanes, latest, latest - batch)

    def log_length(self, session_id: str) -> int:
        return sum(1 for _ in self._store.read(session_id))

    def claim(self, choose: Callable[[Candidates], Sequence[QueueItem]]) -> QueueItem | None:
        with self._lock:
            if self._is_paused:
                return None
            busy = {item.session for item in self.items(ItemFilter((RUNNING,)))}
            waiting = [item for item in self.items(ItemFilter((WAITING,))) if item.session not in busy]
            heads: dict[tuple[object, ...], QueueItem] = {}
            for item in sorted(waiting, key=lambda item: item.place.number):
                place = item.place
                heads.setdefault((place.owner, place.lane, place.first, item.priority, item.batch), item)
            chosen = [raised(item) for item in choose(Candidates([*heads.values()], self.turns(), self.log_length))]
            for item in chosen:
                self._items[item.id] = item
            return chosen[0] if chosen else None

    def update(
        self, item_id: str, change: Callable[[QueueItem], QueueItem | None], *entries: JournalEntry
    ) -> QueueItem:
        with self._lock:
            item = self.get(item_id)
            changed = change(item)
            if changed is None:
                return item
            if entries:
                self._store.append(item.session, *entries)
            self._items[item_id] = changed = raised(changed)
            return changed

    def move(self, item_id: str, before: str) -> QueueItem:
        with self._lock:
            item, target = self.get(item_id), self.get(before)
            check_waiting(item)
            check_waiting(target)
            if item.id == target.id:
                return item
            lane = self._lane(target, item)
            number = numbers_between(lane, target)
            if number is None:
                lane = renumbered(lane)
                self._items.update((each.id, each) for each in lane)
                target = self.get(before)
                number = numbers_between(lane, target)
            assert number is not None
            self._items[item_id] = item = raised(moved(item, target, number))
            return item

    def is_paused(self) -> bool:
        return self._is_paused

    def pause(self, *, paused: bool) -> None:
        with self._lock:
            self._is_paused = paused

    def hold(self, claimant: str) -> None:
        with self._lock:
            self._held.add(claimant)

    def release(self, claimant: str) -> None:
        with self._lock:
            self._held.discard(claimant)

    def is_held(self, claimant: str) -> bool:
        with self._lock:
            return claimant in self._held

    def _lane(self, target: QueueItem, moving: QueueItem) -> list[QueueItem]:
        """Return the waiting items of the lane of an item in order, without the item that moves."""
        lane = (target.place.owner, target.place.lane)
        found = [
            item
            for item in self.items(ItemFilter((WAITING,)))
            if (item.place.owner, item.place.lane) == lane and item.id != moving.id
        ]
        return sorted(found, key=lambda item: item.place.number)

    def _is_there(self, session_id: str) -> bool:
        try:
            self._store.created(session_id)
        except SessionMissing:
            return False
        return True

    def _drop_lost(self) -> None:
        """Remove the items of sessions that have been deleted."""
        gone = {session for session in {item.session for item in self._items.values()} if not self._is_there(session)}
        self._items = {id_: item for id_, item in self._items.items() if item.session not in gone}
