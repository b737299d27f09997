"""Tell an application about items and events, in the right order, and let threads wait for changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from invocations.events import Event

from .base import QueueItem

REMEMBERED: Final = 10_000  # for how many items the version that was told last is remembered

OnEvent = Callable[[str, Event], object]
OnItem = Callable[[QueueItem], object]


class Signal:
    """Wakes threads that wait for any change; a change between a look and the wait is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How often `set` was called."""
        return self._count

    def set(self) -> None:
        """Wake all threads that wait."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until `count` is no longer `seen`, at most for some seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, seconds)


class Announcer:
    """Calls the functions of an application. What they raise is reported as if a thread had ended with it."""

    def __init__(self, on_event: OnEvent, on_item: OnItem) -> None:
        self._on_event = on_event
        self._on_item = on_item
        self._lock = threading.RLock()
        self._told: dict[str, int] = {}
        self.changed = Signal()

    def tell(self, item: QueueItem) -> None:
        """Tell about a change of an item, unless a later change has been told already."""
        with self._lock:
            if self._told.get(item.id, -1) < item.version:
                self._told.pop(item.id, None)
                self._told[item.id] = item.version
                if len(self._told) > REMEMBERED:
                    del self._told[next(iter(self._told))]
                try:
                    self._on_item(item)
                except Exception as error:
                    report(error)
        self.changed.set()

    def deliver(self, session_id: str, event: Event) -> None:
        """Pass an event on."""
        try:
            self._on_event(session_id, event)
        except Exception as error:
            report(error)

    def wait(self, find: Callable[[], QueueItem], seconds: float | None, poll_s: float) -> QueueItem:
        """Return what `find` returns, as soon as that item has ended, or after some seconds."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            seen = self.changed.count
            item = find()
            left = poll_s if end is None else min(end - time.monotonic(), poll_s)
            if item.is_ended or left <= 0:
                return item
            self.changed.wait(seen, left)


def report(error: BaseException) -> None:
    """Report an unexpected error, as if it had ended this thread."""
    hook = threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
    threading.excepthook(hook)
