"""How many bytes of memory models may take on a device."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.available_memory import ALL, Share

if TYPE_CHECKING:
    from core.devices import Device


class MemoryLimit:
    """The limits in the settings or, without one, what is free and what models take already.

    private_bytes: returns what this process takes in RAM. held_bytes: returns what models take on a graphics card.
    changes: how to set the limits in RAM and on a graphics card, with `{}` for the size. share: of several processes,
    which divide the limits and what is free
    """

    def __init__(
        self,
        ram_bytes: int | None,
        vram_bytes: int | None,
        private_bytes: Callable[[], int],
        held_bytes: Callable[[], int],
        changes: tuple[str, str] = ("", ""),
        share: Share = ALL,
    ) -> None:
        self._ram_bytes, self._vram_bytes = ram_bytes, vram_bytes
        self._private_bytes, self._held_bytes = private_bytes, held_bytes
        self._start_bytes, self._changes, self._share = private_bytes(), changes, share

    def __call__(self, device: Device) -> int | None:
        """Return the limit for a device in bytes, or None if it is not known without importing torch."""
        limit, free = self._set(device), self._free(device)
        if self._share is not ALL:
            limit = None if limit is None else limit // self._share.count(device)
            free = None if free is None else self._share.of(device, free)
        return min([size for size in (limit, free) if size is not None], default=None)

    def advice(self, device: Device, size_bytes: int) -> str:
        """Return how to allow models this many bytes, or "" if neither the setting nor other workers limit them."""
        free, limit, count = self._free(device), self._set(device), self._share.count(device)
        ways = []
        if limit is not None and (free is None or self._share.of(device, free) >= size_bytes):
            ways.append(self._changes[device.kind == "cuda"].replace("{}", rounded_up(size_bytes * count)))
        if count > 1 and size_bytes <= min([size for size in (free, limit) if size is not None], default=0):
            ways.append("`--jobs 1`")
        return f"{' or '.join(ways)} allows it" if ways else ""

    def _set(self, device: Device) -> int | None:
        return self._vram_bytes if device.kind == "cuda" else self._ram_bytes

    def _free(self, device: Device) -> int | None:
        if device.kind == "cuda":
            return free_vram(device, self._held_bytes())
        return free_ram(self._private_bytes() - self._start_bytes)


def rounded_up(size_bytes: int) -> str:
    """Return a setting that allows a number of bytes, which is rounded up to 10 MB or, from 1 GB on, to 100 MB."""
    tens = -(-size_bytes // 10**7)
    return f"{tens * 10}MB" if tens < 100 else f"{-(-tens // 10) / 10:.1f}GB"


def free_ram(grown_bytes: int) -> int | None:
    """Return what is free, and what this process has taken for models already; None if not known."""
    from core.available_memory import available_ram

    available = available_ram()
    return None if available is None else available + max(grown_bytes, 0)


def free_vram(device: Device, held_bytes: int) -> int | None:
    """Return what is free on a graphics card, and what models take already; None if torch has not been imported."""
    from core.available_memory import available_vram

    torch = sys.modules.get("torch")
    in_use = torch is not None and torch.cuda.is_initialized()
    return available_vram(device) + held_bytes if in_use else None
