"""Derive the settings of a CLIP text encoder from its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.contents import Shape

from .blocks import count

HEAD_CHANNELS: Final = 64
CLIP_H_LAYERS: Final = 24

ENCODERS: Final = {
    ("sd1", "text_encoder"): "clip-l",
    ("sd2", "text_encoder"): "clip-h",
    ("sdxl", "text_encoder"): "clip-l",
    ("sdxl", "text_encoder_2"): "clip-g",
    ("sdxl-refiner", "text_encoder_2"): "clip-g",
}
"""Which text encoder a part is, by the family of the model and the name of the part."""


def clip_config(shapes: Mapping[str, Shape], encoder: str) -> dict[str, Any]:
    """Return the config of a CLIP text encoder, as transformers names its settings.

    shapes: of its tensors, by the names of `core/text/clip.py`. encoder: `clip-l`, `clip-h` or `clip-g`.

    Raises: LookupError, ValueError, if no text encoder has these tensors.
    """
    vocabulary, width = shapes["embeddings.token_embedding.weight"]
    pooled = encoder == "clip-g"
    return {
        "architectures": ["CLIPTextModelWithProjection" if pooled else "CLIPTextModel"],
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": shapes["encoder.layers.0.mlp.fc1.weight"][0],
        "num_hidden_layers": _layers(shapes, encoder),
        "num_attention_heads": max(1, width // HEAD_CHANNELS),
        "max_position_embeddings": shapes["embeddings.position_embedding.weight"][0],
        "hidden_act": "quick_gelu" if encoder == "clip-l" else "gelu",
        "layer_norm_eps": 1e-5,
        "projection_dim": shapes["text_projection.weight"][0] if pooled else width,
    }


def _layers(shapes: Mapping[str, Shape], encoder: str) -> int:
    """Return the number of layers in use: Stable Diffusion 2 was trained without the last one of CLIP-H.

    Files that diffusers made lack that layer and the projection.
    """
    layers = count(shapes, "encoder.layers")
    whole = layers == CLIP_H_LAYERS or "text_projection.weight" in shapes
    return layers - 1 if encoder == "clip-h" and whole else layers
