"""The latest events of one session in memory: a limited number, of progress only the newest of each node."""

from __future__ import annotations

from collections.abc import Iterable

from .base import MAX_BYTES, MAX_EVENTS, Numbered
from .public_event import PublicEvent


class Ring:
    """Numbers events and keeps the latest; what is over the limits is dropped, the oldest first."""

    def __init__(self, after: int = 0, *, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self.last = after  # the number of the last event
        self.dropped = after  # the highest number that was dropped because of the limits
        self.size = 0
        self.has_ended = False
        self._max_events, self._max_bytes = max_events, max_bytes
        self._kept: dict[int, Numbered] = {}  # by number, in order
        self._progress: dict[tuple[str, tuple[int, ...]], int] = {}  # number of the latest progress of each node

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, events: Iterable[PublicEvent]) -> tuple[Numbered, ...]:
        """Number events, keep them and return them."""
        added = []
        for event in events:
            self.last += 1
            numbered = Numbered(self.last, event)
            self._kept[self.last] = numbered
            self.size += numbered.size
            self.has_ended = event.ends
            if event.progress_of is not None:
                self._replace(event.progress_of)
            added.append(numbered)
        while self._kept and (len(self._kept) > self._max_events or self.size > self._max_bytes):
            self._drop_oldest()
        return tuple(added)

    def since(self, after: int) -> tuple[Numbered, ...] | None:
        """Return the events after a number, or None if some of them have been dropped or were never here."""
        if not self.dropped <= after <= self.last:
            return None
        if after == self.last:
            return ()
        return tuple(each for number, each in self._kept.items() if number > after)

    def _replace(self, key: tuple[str, tuple[int, ...]]) -> None:
        """Note the last event as the latest progress of a node, and drop the one before."""
        before = self._kept.pop(self._progress.get(key, 0), None)
        if before is not None:
            self.size -= before.size
        self._progress[key] = self.last

    def _drop_oldest(self) -> None:
        number = next(iter(self._kept))
        dropped = self._kept.pop(number)
        self.size -= dropped.size
        self.dropped = number
        key = dropped.event.progress_of
        if key is not None and self._progress.get(key) == number:
            del self._progress[key]
