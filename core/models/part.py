"""Where the networks of a model lie, and how their tensors are named there. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import CoreError
from core.foreign import FileState, file_state

from .folder_files import find_weights

WEIGHT_STEMS: Final = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
    "text_encoder_2": "model",
}
"""The parts that have weights, and the names of their weight files in diffusers layout, without the suffix."""

SHIPPED: Final = "shipped"
"""The layout of the tokenizer of a model that has none: the vocabulary of CLIP, which all CLIP text encoders use."""


@dataclass(frozen=True, slots=True)
class PartSource:
    """One part of a model: a network, a tokenizer or a noise schedule.

    name: of the part, as diffusers calls it (`unet`). path: the part's folder in diffusers layout, or the file in which
    it lies, maybe with other parts. config: its settings, as its `config.json` says or as its shapes show. layout: how
    its tensors are named. prefix: how the names of its tensors start in the file. size_bytes: of its weights, as
    stored.
    """

    name: str
    path: Path
    config: Mapping[str, Any] = field(default_factory=dict, hash=False)
    layout: str = "diffusers"
    prefix: str = ""
    size_bytes: int = 0

    def files(self, variant: str = "") -> tuple[Path, ...]:
        """Return the files with the weights of this part, of a folder in the given variant if it exists.

        Raises: ModelBroken, PickleRefused.
        """
        return (
            find_weights(self.path, WEIGHT_STEMS[self.name], variant=variant)
            if os.path.isdir(self.path)
            else (self.path,)
        )

    def state(self, variant: str = "") -> tuple[FileState, ...]:
        """Return the inode, size in bytes and time of change of each weight file; () if they cannot be found."""
        try:
            found = [file.stat() for file in self.files(variant)] if self.name in WEIGHT_STEMS else []
        except (CoreError, OSError):
            return ()
        return tuple([file_state(status) for status in found])
