"""How much memory loaded models may take, in RAM and on a graphics card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.available_memory import available_ram, available_vram
from core.devices import Device

RAM_SHARE: Final = 0.6  # the rest is for images, latents and other programs
WORKING_BYTES: Final = 3 * 10**9  # for what a network computes with on a graphics card besides its weights
UNKNOWN_RAM: Final = 8 * 2**30


@dataclass(frozen=True, slots=True)
class Budgets:
    """The largest size in bytes of all loaded parts; None for a share of what is available when a part is loaded.

    ram: of parts on the CPU and in the unified memory of an Apple GPU, without weights that are mapped from a file: the
    operating system drops these if memory gets low. vram: of parts on a CUDA device.
    """

    ram: int | None = None
    vram: int | None = None

    def limit(self, device: Device, held: int) -> int:
        """Return the limit for a device whose loaded parts take `held` bytes now."""
        if device.kind == "cuda":
            return self.vram if self.vram is not None else available_vram(device) + held - WORKING_BYTES
        if self.ram is not None:
            return self.ram
        available = available_ram()
        return UNKNOWN_RAM if available is None else int((available + held) * RAM_SHARE)
