"""How much memory loaded models may take, in RAM and on a graphics card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.available_memory import ALL, Share, available_ram, available_vram
from core.devices import Device

RAM_SHARE: Final = 0.6  # the rest is for images, latents and other programs
WORKING_BYTES: Final = 3 * 10**9  # for what a network computes with on a graphics card besides its weights
UNKNOWN_RAM: Final = 8 * 2**30


@dataclass(frozen=True, slots=True)
class Budgets:
    """The largest size in bytes of all loaded parts; None for a share of what is available when a part is loaded.

    ram: of parts on the CPU and in the unified memory of an Apple GPU, without weights that are mapped from a file: the
    operating system drops these if memory gets low. vram: of parts on a CUDA device. share: of several processes, which
    divide these sizes and what is available
    """

    ram: int | None = None
    vram: int | None = None
    share: Share = ALL

    def limit(self, device: Device, held: int) -> int:
        """Return the limit for a device whose loaded parts take `held` bytes now."""
        size = self.vram if device.kind == "cuda" else self.ram
        if size is not None:
            return size // self.share.count(device)
        if device.kind == "cuda":
            return self.share.of(device, available_vram(device) + held) - WORKING_BYTES
        available = available_ram()
        if available is None:
            return UNKNOWN_RAM // self.share.processes
        return int(self.share.of(device, available + held) * RAM_SHARE)
