"""Keep the queue in the file of the sessions: a line and the item that runs it are stored in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from invocations.sessions.journal import JournalEntry
from invocations.storing.database import Write
from invocations.storing.local import LocalStore

from .base import EVERY_ITEM, Candidates, ItemFilter, QueueItem, QueueStore, QueueTurns
from .changes import moved, numbers_between, placed, raised, renumbered
from .leases import Leases
from .limits import KEPT_ENDED, check_room, check_waiting, missing
from .rows import BATCH, GET, HEADS, LANE, LAST, LOAD, PRUNE, TURNS, insertion, item_of, selecting, updating

PAUSED = "paused"


class LocalQueue(QueueStore):
    """Keeps items in a table of the session store; several processes may share it."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self._leases = Leases(store.path)

    def add(self, item: QueueItem, *entries: JournalEntry) -> QueueItem:
        added: list[QueueItem] = []

        def writes() -> list[Write]:
            self._store.created(item.session)
            check_room(item, self.limits, *self._store.select(LOAD, item.owner)[0])
            added[:] = [placed(item, self._store.select(LAST)[0][0] + 1)]
            return [insertion(added[0]), (PRUNE, (KEPT_ENDED,))]

        self._store.append_with(item.session, entries, writes)
        return added[0]

    def get(self, item_id: str) -> QueueItem:
        return self._find(item_id)

    def items(self, selection: ItemFilter = EVERY_ITEM) -> list[QueueItem]:
        statement, values = selecting(selection)
        return [item_of(row) for row in self._store.select(statement, *values)]

    def turns(self) -> QueueTurns:
        lanes = {(owner, lane): turn for owner, lane, turn in self._store.select(TURNS)}
        latest = max(lanes.values(), default=0)
        return QueueTurns(lanes, latest, latest - self._store.select(BATCH)[0][0])

    def log_length(self, session_id: str) -> int:
        return self._store.length(session_id)

    def claim(self, choose: Callable[[Candidates], Sequence[QueueItem]]) -> QueueItem | None:
        if self.is_paused() or not self._store.select("select 1 from queue where state = 'waiting' limit 1"):
            return None  # without a transaction, for which other processes would have to wait
        chosen: list[QueueItem] = []

        def writes() -> list[Write]:
            chosen.clear()
            if not self.is_paused():
                heads = [item_of(row) for row in self._store.select(HEADS)]
                chosen.extend(map(raised, choose(Candidates(heads, self.turns(), self._store.length))))
            return [updating(item) for item in chosen]

        self._store.transact(writes)
        return chosen[0] if chosen else None

    def update(
        self, item_id: str, change: Callable[[QueueItem], QueueItem | None], *entries: JournalEntry
    ) -> QueueItem:
        found: list[QueueItem] = []

        def writes() -> list[Write]:
            item = self._find(item_id)
            changed = change(item)
            found[:] = [item if changed is None else raised(changed)]
            if changed is None:
                raise _Unchanged
            return [updating(found[0])]

        try:
            if entries:
                self._store.append_with(self._find(item_id).session, entries, writes)
            else:
                self._store.transact(writes)
        except _Unchanged:
            pass
        return found[0]

    def move(self, item_id: str, before: str) -> QueueItem:
        found: list[QueueItem] = []

        def writes() -> list[Write]:
            item, target = self._find(item_id), self._find(before)
            check_waiting(item)
            check_waiting(target)
            found[:] = [item]
            if item.id == target.id:
                return []
            rows = self._store.select(LANE, target.place.owner, target.place.lane, item.id)
            lane, changed = [item_of(row) for row in rows], []  # type: list[QueueItem], list[QueueItem]
            number = numbers_between(lane, target)
            if number is None:
                changed = renumbered(lane)
                target = next(each for each in changed if each.id == before)
                number = numbers_between(changed, target)
            assert number is not None
            found[:] = [raised(moved(item, target, number))]
            return [updating(each) for each in (*changed, *found)]

        self._store.transact(writes)
        return found[0]

    def is_paused(self) -> bool:
        return bool(self._store.select("select 1 from queue_switches where name = ? and is_on", PAUSED))

    def pause(self, *, paused: bool) -> None:
        self._store.transact(lambda: [("insert or replace into queue_switches values (?, ?)", (PAUSED, int(paused)))])

    def hold(self, claimant: str) -> None:
        self._leases.hold(claimant)

    def release(self, claimant: str) -> None:
        self._leases.release(claimant)

    def is_held(self, claimant: str) -> bool:
        return self._leases.is_held(claimant)

    def _find(self, item_id: str) -> QueueItem:
        """Return an item. Raises: ItemMissing, StoreFailed."""
        rows = self._store.select(GET, item_id)
        if not rows:
            raise missing(item_id)
        return item_of(rows[0])


class _Unchanged(Exception):
    """Ends a transaction without writing anything."""
