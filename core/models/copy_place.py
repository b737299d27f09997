"""Where the converted copy of a part lies, and whether it is there. Does not import torch."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.devices import Device
from core.errors import CoreError

from .fingerprint import part_fingerprint
from .folder_files import read_header
from .part import PartSource

VERSION: Final = "1"  # raise this if a layout maps tensors in another way, because earlier copies are wrong then
CHANNELS_LAST: Final = "channels_last"


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """The place of a copy of a part. fingerprint: of the part's files, from before they were loaded."""

    path: Path
    source: PartSource
    device: Device
    fingerprint: str

    @property
    def metadata(self) -> dict[str, str]:
        """What the header of the copy says."""
        order = {"order": CHANNELS_LAST} if has_channels_last(self.device) else {}
        return {
            "copy": VERSION,
            "source": self.fingerprint,
            "part": self.source.name,
            "dtype": self.device.dtype_name,
            **order,
        }

    def is_there(self) -> bool:
        """Return True if the copy is complete and belongs to its source."""
        with suppress(CoreError, OSError):
            return os.path.isfile(self.path) and dict(read_header(self.path).metadata) == self.metadata
        return False

    def discard(self) -> None:
        """Remove the copy, because it does not form the network."""
        with suppress(OSError):
            self.path.unlink()


def copy_place(folder: Path, source: PartSource, device: Device) -> CopyPlace:
    """Return where the copy of a part for a device lies, whether it exists or not. Raises: CoreError, OSError."""
    name = part_fingerprint(source, device.dtype_name)
    return CopyPlace(folder / f"{name}-{device.dtype_name}" / f"{source.name}.safetensors", source, device, name)


def has_channels_last(device: Device) -> bool:
    """Return True if the weights of convolutions have their channels last.

    On a CPU, this makes convolutions in bf16 1.5 times as fast; in fp32 it makes no difference.
    """
    return device.kind == "cpu" and device.dtype_name == "bf16"
