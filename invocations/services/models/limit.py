"""How many bytes of memory models may take on a device."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.devices import Device


class MemoryLimit:
    """The limits in the settings or, without one, what is free and what models take already.

    private_bytes: returns what this process takes in RAM. held_bytes: returns what models take on a graphics card.
    """

    def __init__(
        self,
        ram_bytes: int | None,
        vram_bytes: int | None,
        private_bytes: Callable[[], int],
        held_bytes: Callable[[], int],
    ) -> None:
        self._ram_bytes, self._vram_bytes = ram_bytes, vram_bytes
        self._private_bytes, self._held_bytes = private_bytes, held_bytes
        self._start_bytes = private_bytes()

    def __call__(self, device: Device) -> int | None:
        """Return the limit for a device in bytes, or None if it is not known without importing torch."""
        if device.kind == "cuda":
            return self._vram_bytes or free_vram(device, self._held_bytes())
        return self._ram_bytes or free_ram(self._private_bytes() - self._start_bytes)


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
