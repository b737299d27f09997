"""The configs of published UNets, as their `config.json` says, without the keys that have diffusers' default values.

Sources: the models named in each comment; for the pruned ones also ComfyUI comfy/supported_models.py
(`transformer_depth`) and comfy/model_detection.py.
"""

from __future__ import annotations

import json
from typing import Any, cast

SD1: dict[str, Any] = {"cross_attention_dim": 768, "sample_size": 64}  # runwayml/stable-diffusion-v1-5
SD2: dict[str, Any] = {  # stabilityai/stable-diffusion-2-1-base
    "cross_attention_dim": 1024,
    "attention_head_dim": [5, 10, 20, 20],
    "use_linear_projection": True,
    "sample_size": 64,
}
SDXL: dict[str, Any] = {  # stabilityai/stable-diffusion-xl-base-1.0
    "block_out_channels": [320, 640, 1280],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "transformer_layers_per_block": [1, 2, 10],
    "attention_head_dim": [5, 10, 20],
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "sample_size": 128,
}
REFINER: dict[str, Any] = {  # stabilityai/stable-diffusion-xl-refiner-1.0
    **SDXL,
    "block_out_channels": [384, 768, 1536, 1536],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "transformer_layers_per_block": 4,
    "attention_head_dim": [6, 12, 24, 24],
    "cross_attention_dim": 1280,
    "projection_class_embeddings_input_dim": 2560,
}
SSD_1B: dict[str, Any] = {  # segmind/SSD-1B
    **SDXL,
    "mid_block_type": "UNetMidBlock2D",
    "transformer_layers_per_block": [1, 2, 4],
    "reverse_transformer_layers_per_block": [[4, 4, 10], [2, 1, 1], 1],
}
VEGA: dict[str, Any] = {  # segmind/Segmind-Vega
    **SDXL,
    "mid_block_type": "UNetMidBlock2D",
    "transformer_layers_per_block": [1, 1, 2],
}
KOALA_700M: dict[str, Any] = {  # etri-vilab/koala-700m
    **SDXL,
    "layers_per_block": 1,
    "mid_block_type": None,
    "transformer_layers_per_block": [1, 2, 5],
}
KOALA_1B: dict[str, Any] = {**KOALA_700M, "mid_block_type": "UNetMidBlock2DCrossAttn",
                            "transformer_layers_per_block": [1, 2, 6]}  # fmt: skip

UNETS: dict[str, dict[str, Any]] = {
    "sd1-unet": SD1,
    "sd1-inpainting-unet": {**SD1, "in_channels": 9},
    "sd1-pix2pix-unet": {**SD1, "in_channels": 8},
    "sd1-lcm-unet": {**SD1, "time_cond_proj_dim": 256},
    "sd2-unet": SD2,
    "sd2-depth-unet": {**SD2, "in_channels": 5},
    "sdxl-unet": SDXL,
    "sdxl-inpainting-unet": {**SDXL, "in_channels": 9},
    "sdxl-refiner-unet": REFINER,
    "ssd-1b-unet": SSD_1B,
}
"""Configs by the lists of names and shapes that their networks have."""

VAE: dict[str, Any] = {  # runwayml/stable-diffusion-v1-5
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
}


def settings_of(module: Any) -> dict[str, Any]:
    """Return all settings of a network of diffusers, also the default ones; tuples become lists."""
    settings = {name: value for name, value in module.config.items() if not name.startswith("_")}
    return cast(dict[str, Any], json.loads(json.dumps(settings)))
