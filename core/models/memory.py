"""Loaded model parts, cached up to a limit in bytes; the least recently used are evicted first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from core.devices import Device

from .card import ModelCard
from .part import PartSource

Loader = Callable[[ModelCard, Device], Any]
OnLoad = Callable[[ModelCard, str, bool], None]
"""Called with the card, the name of the part, and whether loading has finished: False at its start, True at its end."""

_Key = tuple[PartSource, Device]


class ModelMemory:
    """An LRU cache of loaded parts; thread-safe, and each part is loaded once."""

    def __init__(self, limit_bytes: int = 8 * 2**30, *, on_load: OnLoad | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.on_load = on_load
        self._parts: OrderedDict[_Key, tuple[Any, int]] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def used_bytes(self) -> int:
        """The size of all cached weights in bytes."""
        with self._lock:
            return sum(size for _, size in self._parts.values())

    def held(self) -> tuple[tuple[str, str], ...]:
        """Return (folder or file, part) for each cached part, the least recently used first."""
        with self._lock:
            return tuple((str(source.path), source.name) for source, _ in self._parts)

    def get(self, card: ModelCard, part: str, device: Device, *, load: Loader, size: Callable[[Any], int]) -> Any:
        """Return a part, loading it if it is not cached; a part larger than the limit is cached alone.

        Models that take a part from the same place share it.
        """
        key = (card.parts.get(part) or PartSource(part, card.path), device)
        with self._lock:
            if key in self._parts:
                self._parts.move_to_end(key)
                return self._parts[key][0]
            self._notify(card, part, done=False)
            loaded = load(card, device)
            self._parts[key] = (loaded, size(loaded))
            self._shrink()
            self._notify(card, part, done=True)
            return loaded

    def clear(self) -> None:
        """Release all cached parts."""
        with self._lock:
            self._parts.clear()

    def _shrink(self) -> None:
        while len(self._parts) > 1 and self.used_bytes > self.limit_bytes:
            self._parts.popitem(last=False)

    def _notify(self, card: ModelCard, part: str, *, done: bool) -> None:
        if self.on_load is not None:
            self.on_load(card, part, done)
