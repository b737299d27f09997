"""Derive the settings of a VAE from its tensors and the family of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.contents import Shape

from .blocks import count, numbered

SCALING: Final = {"sd1": 0.18215, "sd2": 0.18215, "sdxl": 0.13025, "sdxl-refiner": 0.13025}
"""The factor that makes the standard deviation of latents 1, by family; no tensor shows it."""


def vae_config(shapes: Mapping[str, Shape], family: str) -> dict[str, Any]:
    """Return the config of a diffusers AutoencoderKL.

    shapes: of its tensors, by diffusers' names. family: of the models whose latents it decodes.

    Raises: LookupError, ValueError, if no VAE has these tensors.
    """
    downs = numbered(shapes, "encoder.down_blocks")
    layers = _layers(shapes, downs)
    return {
        "_class_name": "AutoencoderKL",
        "in_channels": shapes["encoder.conv_in.weight"][1],
        "out_channels": shapes["decoder.conv_out.weight"][0],
        "latent_channels": shapes["decoder.conv_in.weight"][1],
        "block_out_channels": [shapes[f"{block}.resnets.0.conv1.weight"][0] for block in downs],
        "layers_per_block": layers,
        "down_block_types": ["DownEncoderBlock2D"] * len(downs),
        "up_block_types": ["UpDecoderBlock2D"] * len(downs),
        "mid_block_add_attention": "decoder.mid_block.attentions.0.to_q.weight" in shapes,
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
        "scaling_factor": SCALING[family],
    }


def _layers(shapes: Mapping[str, Shape], downs: list[str]) -> int:
    """Return the number of layers in each level of the encoder; the decoder has as many levels with one more layer."""
    ups = numbered(shapes, "decoder.up_blocks")
    for half, blocks in (("encoder", downs), ("decoder", ups)):
        if not blocks:
            raise ValueError(f"it has no {half}")
    if len(downs) != len(ups):
        raise ValueError(f"its encoder has {len(downs)} levels and its decoder {len(ups)}")
    layers = {count(shapes, f"{block}.resnets") for block in downs}
    if len(layers) > 1:
        raise ValueError(f"its levels have different numbers of layers ({sorted(layers)})")
    return layers.pop()
