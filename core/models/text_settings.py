"""What the settings of text encoders and a UNet say about the prompts that they take. Does not import torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import ModelBroken
from core.foreign import whole

POOLED_WIDTH = 512  # transformers' default


def is_pooled(unet: Mapping[str, Any]) -> bool:
    """Return True if a UNet takes a pooled state of the prompt, and sizes (arXiv:2307.01952, section 2.2)."""
    return unet.get("addition_embed_type") == "text_time"


def time_ids(path: Path, unet: Mapping[str, Any], text: Mapping[str, Any]) -> int:
    """Return the number of sizes and scores that a UNet takes besides the pooled state of a text encoder, or 0.

    Raises: ModelBroken, KeyError, TypeError.
    """
    if not is_pooled(unet):
        return 0
    if not str((text.get("architectures") or [""])[0]).endswith("WithProjection"):
        raise ModelBroken(path, "its UNet takes pooled states of prompts, but its text encoder has no text projection")
    room, pooled = unet["projection_class_embeddings_input_dim"], text.get("projection_dim", POOLED_WIDTH)
    count, rest = divmod(whole(room) - whole(pooled), whole(unet["addition_time_embed_dim"]))
    if rest or count not in (5, 6):
        raise ModelBroken(path, f"its parts do not fit together: its UNet takes {room} values besides the prompt")
    return count


def text_width(texts: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the joined width of the hidden states, or None if a config uses an unusual name for it."""
    widths = [text.get("hidden_size", text.get("d_model")) for text in texts]  # T5 calls the width d_model
    return sum(map(whole, widths)) if all(isinstance(width, int) for width in widths) else None


def text_layers(texts: Sequence[Mapping[str, Any]], *, pooled: bool) -> int | None:
    """Return the number of layers that can be skipped, plus 1, or None if a config uses an unusual name for it.

    pooled: whether the last layer is never used for hidden states.
    """
    found = [text.get("num_hidden_layers", text.get("num_layers")) for text in texts]  # T5 uses the name num_layers
    return min(map(whole, found)) - pooled if all(isinstance(layers, int) for layers in found) else None
