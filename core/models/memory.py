"""Loaded parts of models, kept until their bytes exceed a limit; the one used longest ago goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.devices import Device

from .probe import ModelCard

Loader = Callable[[ModelCard, Device], Any]
OnLoad = Callable[[ModelCard, str, bool], None]
"""Called with the card, the part's name, and False when a load starts, True when it has finished."""

_Key = tuple[Path, str, Device]


class ModelMemory:
    """An LRU store of loaded parts; safe to share between threads, and each part is loaded once."""

    def __init__(self, limit_bytes: int = 8 * 2**30, *, on_load: OnLoad | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.on_load = on_load
        self._parts: OrderedDict[_Key, tuple[Any, int]] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def used_bytes(self) -> int:
        """How many bytes of weights are held."""
        with self._lock:
            return sum(size for _, size in self._parts.values())

    def held(self) -> tuple[tuple[str, str], ...]:
        """Return (model folder, part) of what is held, the one used longest ago first."""
        with self._lock:
            return tuple((str(path), part) for path, part, _ in self._parts)

    def get(self, card: ModelCard, part: str, device: Device, *, load: Loader, size: Callable[[Any], int]) -> Any:
        """Return a part, loading it first if it is not held; a part above the limit on its own is held alone."""
        key = (card.path, part, device)
        with self._lock:
            if key in self._parts:
                self._parts.move_to_end(key)
                return self._parts[key][0]
            self._tell(card, part, done=False)
            loaded = load(card, device)
            self._parts[key] = (loaded, size(loaded))
            self._shrink()
            self._tell(card, part, done=True)
            return loaded

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._parts.clear()

    def _shrink(self) -> None:
        while len(self._parts) > 1 and self.used_bytes > self.limit_bytes:
            self._parts.popitem(last=False)

    def _tell(self, card: ModelCard, part: str, *, done: bool) -> None:
        if self.on_load is not None:
            self.on_load(card, part, done)
