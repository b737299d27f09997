"""What was used last, kept in memory up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """A cache that forgets what was longest unused; what is larger than the whole cache is not kept."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._entries: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Value | None:
        """Return the value of that name, if it is still held."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                return None
            self._entries.move_to_end(name)
            return entry[0]

    def put(self, name: str, value: Value, size_bytes: int) -> None:
        """Hold a value, forgetting others where room is needed."""
        with self._lock:
            if name in self._entries:
                self._entries.move_to_end(name)
                return
            if size_bytes > self._limit:
                return
            self._entries[name] = (value, size_bytes)
            self._held += size_bytes
            while self._held > self._limit:
                _, (_, freed) = self._entries.popitem(last=False)
                self._held -= freed
