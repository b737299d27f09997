"""How many bytes of memory models may take on a device if the settings do not say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.devices import Device


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
