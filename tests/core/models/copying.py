"""Load parts of a model with converted copies, and write the copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from core.devices import Device
from core.models.card import ModelCard
from core.models.converted import ConvertedCopies
from core.models.copy_place import CopyPlace
from core.models.load import load_unet, load_vae, size_of
from core.models.load_text import load_text

CPU, BF16 = Device("cpu"), Device("cpu", 0, "bf16")
LOADERS: dict[str, Callable[..., Any]] = {"unet": load_unet, "vae": load_vae, "text_encoder": load_text}


def write(copies: ConvertedCopies, *parts: Any) -> None:
    """Write the copies of parts that are loaded."""
    copies.write()
    copies.finish()
    assert parts  # the parts are kept until here


def place(copies: ConvertedCopies, card: ModelCard, part: str = "unet", device: Device = BF16) -> CopyPlace:
    found = copies.find(card.part(part), device)
    assert found is not None
    return found


def weights(part: Any) -> dict[str, torch.Tensor]:
    return dict(getattr(part, "encoder", part).state_dict())


def is_mapped(part: Any) -> bool:
    """Return True if a part lies in a mapped file, except some small weights that are copied to be aligned."""
    return size_of(part) < 1000
