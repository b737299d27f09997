"""Where the parts of a model lie in a file: the prefixes of tensor names.

Sources: ComfyUI comfy/model_detection.py (unet_prefix_from_state_dict) and comfy/supported_models.py; diffusers
loaders/single_file_utils.py; stable-diffusion.cpp src/model_loader.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from core.models.contents import Shape

from .conditions import Names

DENOISER: Final = (
    "model.diffusion_model.", "diffusion_model.", "model.model.", "transformer.", "unet.", "net.", "model.", "module.",
    "control_model.", "controlnet.", "adapter.", "language_model.model.",
    "language_model.", "model.language_model.", "text_model.",
    "text_encoder.", "first_stage_model.", "vae.", "",
)  # fmt: skip
"""Prefixes below which the tensors of a network may lie, the longest and most telling one first."""

VAE: Final = ("first_stage_model.", "vae.")

_ENCODER = re.compile(
    r"(cond_stage_model\.(?:transformer\.|model\.)?|conditioner\.embedders\.\d+\.(?:transformer\.|model\.)?"
    r"|text_encoders\.\w+?\.(?:transformer\.|logit_scale)?|text_encoder(?:_\d)?\.|cond_stage_model\.\w+\.transformer\.)"
)
AVERAGED: Final = ("model_ema.",)  # copies of the denoiser's tensors, averaged over the training


def views(shapes: Mapping[str, Shape], prefixes: tuple[str, ...] = DENOISER) -> list[Names]:
    """Return the tensors below each prefix that occurs."""
    heads = {name.split(".", 1)[0] + "." for name in shapes}
    used = [prefix for prefix in prefixes if not prefix or prefix.split(".", 1)[0] + "." in heads]
    found = [Names(shapes, prefix) for prefix in used]
    return [names for names in found if names.shapes]


def encoder_views(shapes: Mapping[str, Shape]) -> list[Names]:
    """Return the tensors of each text encoder inside a checkpoint."""
    prefixes: dict[str, None] = {}
    for name in shapes:
        match = _ENCODER.match(name)
        if match:
            prefixes[match[0]] = None
    return [Names(shapes, prefix) for prefix in sorted(prefixes, key=len, reverse=True)]
