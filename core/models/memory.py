"""Loaded model parts, cached within a budget; the least recently used are evicted first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.devices import Device
from core.stopping import IsCancelled, acquired, never

from .budgets import Budgets
from .card import ModelCard
from .part import PartSource

if TYPE_CHECKING:
    from .converted import ConvertedCopies

Loader = Callable[[ModelCard, Device], Any]
OnLoad = Callable[[ModelCard, str, bool], None]
"""Called with the card, the name of the part, and whether loading has finished: False at its start, True at its end."""

_Key = tuple[PartSource, Device]
MAPPED_TIMES = 10  # how many times as large as its memory the weights of a mapped part are


@dataclass(slots=True)
class _Loaded:
    """A part, the state of its files, the memory that it takes, the size of its weights, and when it was last used."""

    part: Any
    state: tuple[object, ...]
    size_bytes: int
    weight_bytes: int
    used: float

    @property
    def is_mapped(self) -> bool:
        """Whether nearly all weights are mapped from a file, so that unloading them would free hardly any memory."""
        return self.size_bytes * MAPPED_TIMES <= self.weight_bytes


class ModelMemory:
    """An LRU cache of loaded parts; thread-safe. Parts are loaded one after another, so each is loaded once.

    copies: converted copies on disk, from which parts are loaded; None for no copies
    """

    def __init__(
        self,
        budgets: Budgets | None = None,
        *,
        on_load: OnLoad | None = None,
        clock: Callable[[], float] = time.monotonic,
        copies: ConvertedCopies | None = None,
    ) -> None:
        self.copies = copies
        self.budgets = budgets or Budgets()
        self.on_load = on_load
        self._clock = clock
        self._parts: OrderedDict[_Key, _Loaded] = OrderedDict()
        self._lock = threading.RLock()
        self._loads = threading.Lock()  # held by the thread that loads a part; `_lock` is free meanwhile

    @property
    def used_bytes(self) -> int:
        """The size of all cached weights in bytes, without those that are mapped from files."""
        with self._lock:
            return sum(each.size_bytes for each in self._parts.values())

    def held(self) -> tuple[tuple[str, str], ...]:
        """Return (folder or file, part) for each cached part, the least recently used first."""
        with self._lock:
            return tuple((str(source.path), source.name) for source, _ in self._parts)

    def held_besides(self, card: ModelCard) -> int:
        """Return the size of the weights of all cached parts that do not belong to this model."""
        own = set(card.parts.values())
        with self._lock:
            return sum(each.weight_bytes for (source, _), each in self._parts.items() if source not in own)

    def get(
        self,
        card: ModelCard,
        part: str,
        device: Device,
        *,
        load: Loader,
        size: Callable[[Any], int],
        weights: Callable[[Any], int] | None = None,
        cancelled: IsCancelled = never,
    ) -> Any:
        """Return a part, loading it if it is not cached; a part larger than the budget is cached alone.

        Models that take a part from the same place share it. A part whose files have changed is loaded again.

        size: returns how much memory a loaded part takes. weights: returns the size of its weights (default: the same)
        Raises: Cancelled, also while another thread loads a part; whatever `load` raises.
        """
        key = (card.parts.get(part) or PartSource(part, card.path), device)
        state = key[0].state(device.dtype_name)
        known = self._find(key, state)
        if known is not None:
            return known.part
        with acquired(self._loads, cancelled):
            known = self._find(key, state)
            if known is not None:
                return known.part
            self._notify(card, part, done=False)
            if device.kind != "cpu":  # on a CPU, the weights may be mapped from a file, and then take no memory
                with self._lock:
                    self._make_room(device, key[0].size_bytes)
            loaded = load(card, device)
            with self._lock:
                self._parts[key] = _Loaded(loaded, state, size(loaded), (weights or size)(loaded), self._clock())
                self._make_room(device, keep=1)
            self._notify(card, part, done=True)
            return loaded

    def _find(self, key: _Key, state: tuple[object, ...]) -> _Loaded | None:
        """Return a part that is loaded and has not changed since."""
        with self._lock:
            self._drop_changed(key, state)
            known = self._parts.get(key)
            if known is not None:
                self._parts.move_to_end(key)
                known.used = self._clock()
            return known

    def clear(self) -> None:
        """Release all cached parts."""
        with self._lock:
            self._parts.clear()

    def release_idle(self, seconds: float) -> bool:
        """Release all parts that have not been used for some seconds; return True if there were any.

        Parts that take no memory, because they are mapped from a file, are kept.
        """
        with self._lock:
            latest = self._clock() - seconds
            idle = [key for key, each in self._parts.items() if not each.is_mapped and each.used <= latest]
            for key in idle:
                del self._parts[key]
            return bool(idle)

    def _drop_changed(self, key: _Key, state: tuple[object, ...]) -> None:
        """Release what was loaded from the place of a part before its files changed."""
        place = (key[0].name, key[0].path, key[1])
        for other in [each for each in self._parts if (each[0].name, each[0].path, each[1]) == place]:
            if self._parts[other].state != state:
                del self._parts[other]

    def _make_room(self, device: Device, size_bytes: int = 0, *, keep: int = 0) -> None:
        """Evict parts on the device until another one of this size fits; keep the one used last if `keep` is 1."""
        held = {key: each.size_bytes for key, each in self._parts.items() if _same_memory(key[1], device)}
        evictable = [key for key in [*held][: len(held) - keep] if not self._parts[key].is_mapped]
        room = self.budgets.limit(device, sum(held.values())) - size_bytes if evictable else 0
        for key in evictable:
            if sum(held.values()) <= room:
                break
            del self._parts[key], held[key]

    def _notify(self, card: ModelCard, part: str, *, done: bool) -> None:
        if self.on_load is not None:
            self.on_load(card, part, done)


def _same_memory(one: Device, other: Device) -> bool:
    return (one.kind, one.index) == (other.kind, other.index)
