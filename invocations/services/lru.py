"""An in-memory cache of recently used values, limited in bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Evicts the least recently used values; a value larger than the limit is not cached."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._entries: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Value | None:
        """Return a cached value, or None."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                return None
            self._entries.move_to_end(name)
            return entry[0]

    def put(self, name: str, value: Value, size_bytes: int) -> None:
        """Cache a value, evicting others if needed."""
        with self._lock:
            if name in self._entries:
                self._entries.move_to_end(name)
                return
            if size_bytes > self._limit:
                return
            self._entries[name] = (value, size_bytes)
            self._size += size_bytes
            while self._size > self._limit:
                _, (_, freed) = self._entries.popitem(last=False)
                self._size -= freed
