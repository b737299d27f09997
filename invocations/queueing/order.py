"""Decide which waiting item is next: pure functions, which the store of the queue calls within a transaction.

Interrupted items come first, then those with the highest priority. Among these, lines typed by hand go before batches,
but after TYPED_IN_A_ROW of them a batch has its turn. Owners take turns, and so do the sessions of each owner; within
a session, items run in the order in which they were added. An item whose model is loaded may go before the one whose
turn it is, but only MOST_PASSED times and for PASSED_S seconds.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heapify, heappop, heapreplace
from itertools import groupby
from typing import Final

from .base import Candidates, Lane, QueueItem, QueueTurns

TYPED_IN_A_ROW: Final = 8
MOST_PASSED: Final = 3
PASSED_S: Final = 30.0


def choose(found: Candidates, model: str, now: float) -> tuple[QueueItem, QueueItem | None] | None:
    """Return the item that runs next, and the item that it passes, if any, with that recorded; None if none waits.

    model: the name of the model that is loaded, or ""
    now: in seconds since 1970
    """
    head = next(arranged(found.waiting, found.turns), None)
    if head is None or not model or head.model == model or not _may_be_passed(head, now):
        return None if head is None else (head, None)
    peers = [item for item in found.waiting if item.model == model and _rank(item) == _rank(head)]
    chosen = next(arranged(peers, found.turns), None)
    if chosen is None:
        return head, None
    place = replace(head.place, passed=head.place.passed + 1, passed_at=head.place.passed_at or now)
    return chosen, replace(head, place=place)


def _may_be_passed(head: QueueItem, now: float) -> bool:
    place = head.place
    is_fresh = not place.passed_at or now - place.passed_at < PASSED_S
    return not place.first and place.passed < MOST_PASSED and is_fresh


def _rank(item: QueueItem) -> tuple[bool, int, bool]:
    return item.place.first, item.priority, item.batch


def arranged(waiting: Sequence[QueueItem], turns: QueueTurns) -> Iterator[QueueItem]:
    """Yield waiting items in the order in which they would run one after another, regardless of loaded models."""
    first = [item for item in waiting if item.place.first]
    yield from sorted(first, key=lambda item: item.place.number)
    others = sorted((item for item in waiting if not item.place.first), key=lambda item: -item.priority)
    progress = _Progress(turns)
    for _, group in groupby(others, key=lambda item: item.priority):
        peers = [*group]
        typed = _Lanes([item for item in peers if not item.batch], progress)
        batches = _Lanes([item for item in peers if item.batch], progress)
        while typed or batches:
            is_batch = bool(batches) and (not typed or progress.since_batch >= TYPED_IN_A_ROW)
            item = (batches if is_batch else typed).take()
            progress.serve(item)
            yield item


class _Progress:
    """Who had a turn, which is kept up to date while items are arranged."""

    def __init__(self, turns: QueueTurns) -> None:
        self.latest, self.since_batch = turns.latest, turns.since_batch
        self.lanes: defaultdict[Lane, int] = defaultdict(int, turns.lanes)
        self.owners = _owners(turns.lanes)

    def serve(self, item: QueueItem) -> None:
        """Record that it is an item's turn."""
        self.latest += 1
        self.since_batch = 0 if item.batch else self.since_batch + 1
        owner, lane = item.place.owner, item.place.lane
        self.owners[owner] = self.lanes[owner, lane] = self.latest


def _owners(lanes: Mapping[Lane, int]) -> defaultdict[str, int]:
    """Return the number of the latest turn of each owner."""
    found: defaultdict[str, int] = defaultdict(int)
    for (owner, _), turn in lanes.items():
        found[owner] = max(found[owner], turn)
    return found


class _Lanes:
    """Waiting items by owner and lane; the owner and the lane whose last turn was the longest ago are next."""

    def __init__(self, items: Iterable[QueueItem], progress: _Progress) -> None:
        self._progress = progress
        self._items: dict[Lane, deque[QueueItem]] = {}
        for item in sorted(items, key=lambda item: item.place.number):
            self._items.setdefault((item.place.owner, item.place.lane), deque()).append(item)
        self._heaps: defaultdict[str, list[tuple[int, float, str]]] = defaultdict(list)
        for owner, lane in self._items:
            self._heaps[owner].append(self._key(owner, lane))
        for heap in self._heaps.values():
            heapify(heap)

    def __bool__(self) -> bool:
        return bool(self._items)

    def take(self) -> QueueItem:
        """Remove and return the item whose turn it is."""
        owner = min(self._heaps, key=lambda owner: (self._progress.owners[owner], self._key_of_head(owner)))
        lane = self._heaps[owner][0][2]
        items = self._items[owner, lane]
        item = items.popleft()
        if not items:
            del self._items[owner, lane]
            heappop(self._heaps[owner])
            if not self._heaps[owner]:
                del self._heaps[owner]
        return item

    def _key_of_head(self, owner: str) -> tuple[int, float, str]:
        """Return the key of the lane that is next, after lanes that had a turn meanwhile have gone back."""
        heap = self._heaps[owner]
        while heap[0] != (key := self._key(owner, heap[0][2])):
            heapreplace(heap, key)
        return heap[0]

    def _key(self, owner: str, lane: str) -> tuple[int, float, str]:
        return self._progress.lanes[owner, lane], self._items[owner, lane][0].place.number, lane
