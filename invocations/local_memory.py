"""How much memory and how many threads one process may use on this machine; several workers divide them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import available_memory, device_class
from core.available_memory import ALL, Share
from core.devices import Device
from core.models.budgets import Budgets

from .running import meter
from .services.models.fit import Fits
from .services.models.limit import MemoryLimit
from .services.models.peaks import FILE, Peaks


def count_workers(settings: Any) -> int:
    """Return how many processes run nodes, according to the settings of the local services."""
    return device_class.count_cards(settings.device) if settings.jobs is None else int(settings.jobs)


def room_each(settings: Any) -> int | None:
    """Return the RAM for each of several workers, as long as none of them holds a model; None if all may be used."""
    workers = count_workers(settings)
    available = None if workers == 1 else available_memory.available_ram()
    return None if available is None else available // workers


def share_of(settings: Any) -> Share:
    """Return the share of a process; one that is not a worker has the share of the workers that it starts."""
    workers = count_workers(settings)
    if workers == 1:
        return ALL
    on_card = settings.on_card or -(-workers // device_class.count_cards(settings.device))
    return Share(workers, on_card, room_each(settings) if settings.room_bytes is None else settings.room_bytes)


def threads(settings: Any) -> int:
    """Return how many threads large models use on a CPU; 0 if torch or the user's variables determine it."""
    is_set = settings.jobs == 1 or not os.environ.keys().isdisjoint(device_class.THREADS)
    return 0 if is_set else device_class.threads_each(count_workers(settings))


def budgets(settings: Any) -> Budgets:
    """Return how much memory loaded models may take."""
    return Budgets(settings.ram_bytes, settings.vram_bytes, share_of(settings))


def fits(settings: Any, copies: Path, held_bytes: Callable[[], int]) -> Fits:
    """Return what compares the needs of models with free memory.

    copies: the folder of converted copies of models. held_bytes: returns what models take on a graphics card
    """
    most = MemoryLimit(
        settings.ram_bytes, settings.vram_bytes, meter.private_bytes, held_bytes,
        (settings.ram_change, settings.vram_change), share_of(settings),
    )  # fmt: skip
    return Fits(settings.device, settings.dtype, Peaks(settings.data_dir / FILE), most, copies, most.advice)


def room_bytes(settings: Any) -> int:
    """Return how many bytes models may take in a worker that has loaded none, 0 if not known."""
    kind, _, index = settings.device.partition(":")
    device = Device(kind, int(index or 0))
    free: int | None = None
    with suppress(RuntimeError, AssertionError):  # the card cannot be used: the nodes report this
        free = available_memory.available_vram(device) if kind == "cuda" else available_memory.available_ram()
    share = share_of(settings)
    limit = settings.vram_bytes if kind == "cuda" else settings.ram_bytes
    known = [limit // share.count(device)] if limit is not None else []
    return min([*known, share.of(device, free)] if free is not None else known, default=0)
