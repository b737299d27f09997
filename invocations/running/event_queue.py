"""The events between the thread of a run and the thread that reads them."""

from __future__ import annotations

from dataclasses import replace
from queue import SimpleQueue
from typing import Final, Generic, TypeVar

from invocations.events import Event, NodeProgress, Path

MANY_WAITING: Final = 256
End = TypeVar("End")


class _Progress(tuple[str, Path]):
    """Stands in the queue for the latest progress of a node, given as its id and iteration path."""

    __slots__ = ()


class EventQueue(Generic[End]):
    """Passes events on in order; a signal handler may put something into it.

    If many events wait, newer progress of a node replaces the progress of that node that waits, so that the queue does
    not grow with the number of steps. Whatever else waits is also in the session.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[Event | End | _Progress | None] = SimpleQueue()
        self._latest: dict[_Progress, NodeProgress] = {}
        self._waiting: set[_Progress] = set()

    def __len__(self) -> int:
        """Return about how many events wait."""
        return self._queue.qsize()

    @property
    def is_empty(self) -> bool:
        """Whether no event waits."""
        return self._queue.empty()

    def put(self, event: Event | End | None) -> None:
        """Add an event or the end, or None to wake up the reader."""
        if not isinstance(event, NodeProgress):
            self._queue.put(event)
            return
        key = _Progress((event.node_id, event.path))
        if key not in self._waiting and self._queue.qsize() < MANY_WAITING:
            self._queue.put(event)
            return
        earlier = self._latest.get(key)
        if earlier is not None and event.preview is None:
            event = replace(event, preview=earlier.preview)
        self._latest[key] = event  # before it is looked up whether the reader will fetch it
        if key not in self._waiting:
            self._waiting.add(key)
            self._queue.put(key)

    def get(self, seconds: float | None) -> Event | End | None:
        """Wait for the next event, but no longer than `seconds`; None if there is nothing to read. Raises: Empty."""
        found = self._queue.get(timeout=seconds)
        if isinstance(found, _Progress):
            self._waiting.discard(found)
            return self._latest.pop(found, None)
        return found
