"""Derive the settings of a UNet from its tensors.

What shapes do not show is the same in all families that have this UNet, except for the number of attention heads:
Stable Diffusion 1 has 8 in each layer, and its successors have 64 channels in each head. The successors are those whose
attention begins with a linear layer instead of a 1x1 convolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.contents import Shape

from .blocks import count, numbered

SD1_HEADS: Final = 8
HEAD_CHANNELS: Final = 64
TIME_CHANNELS: Final = 256  # channels in which SDXL encodes each of the numbers that it takes, such as the width

_TEXT = ".transformer_blocks.0.attn2.to_k.weight"

_Depth = int | list[int]


def unet_config(shapes: Mapping[str, Shape], *, sample_size: int | None = None) -> dict[str, Any]:
    """Return the config of a diffusers UNet2DConditionModel.

    shapes: of its tensors, by diffusers' names. sample_size: side of the latents that it is made for.

    Raises: LookupError, ValueError, if no UNet has these tensors.
    """
    downs = numbered(shapes, "down_blocks")
    channels = [shapes[f"{block}.resnets.0.conv1.weight"][0] for block in downs]
    linear = any(name.endswith(".proj_in.weight") and len(shape) == 2 for name, shape in shapes.items())
    return {
        "_class_name": "UNet2DConditionModel",
        "sample_size": sample_size,
        "in_channels": shapes["conv_in.weight"][1],
        "out_channels": shapes["conv_out.weight"][0],
        "block_out_channels": channels,
        "layers_per_block": _same([count(shapes, f"{block}.resnets") for block in downs]),
        "cross_attention_dim": _text_width(shapes),
        "use_linear_projection": linear,
        "attention_head_dim": [max(1, size // HEAD_CHANNELS) for size in channels] if linear else SD1_HEADS,
        **_block_types(shapes, downs),
        **_depths(shapes, downs),
        **_conditions(shapes),
    }


def _text_width(shapes: Mapping[str, Shape]) -> int:
    """Return the text width that the UNet takes. Raises: ValueError, if it takes none or several."""
    widths = {shape[1] for name, shape in shapes.items() if name.endswith(_TEXT)}
    if len(widths) != 1:
        raise ValueError(
            f"its text width differs from block to block ({sorted(widths)})" if widths else "it takes no text"
        )
    return widths.pop()


def _block_types(shapes: Mapping[str, Shape], downs: list[str]) -> dict[str, Any]:
    ups = numbered(shapes, "up_blocks")
    if len(ups) != len(downs):
        raise ValueError(f"it has {len(downs)} levels down and {len(ups)} levels up")
    crossed = {block: count(shapes, f"{block}.attentions") > 0 for block in (*downs, *ups)}
    return {
        "down_block_types": ["CrossAttnDownBlock2D" if crossed[block] else "DownBlock2D" for block in downs],
        "mid_block_type": _middle_type(shapes),
        "up_block_types": ["CrossAttnUpBlock2D" if crossed[block] else "UpBlock2D" for block in ups],
    }


def _middle_type(shapes: Mapping[str, Shape]) -> str | None:
    """Return the class of the middle block; smaller UNets lack its attention, or all of it."""
    if count(shapes, "mid_block.attentions"):
        return "UNetMidBlock2DCrossAttn"
    return "UNetMidBlock2D" if count(shapes, "mid_block.resnets") else None


def _depths(shapes: Mapping[str, Shape], downs: list[str]) -> dict[str, Any]:
    """Return the numbers of transformer layers, and those of the way up if they differ from the way down."""
    middle = count(shapes, "mid_block.attentions.0.transformer_blocks")
    down = [_depth(shapes, block) for block in downs]
    up = [_depth(shapes, block) for block in numbered(shapes, "up_blocks")]
    free = {level for level, depth in enumerate(down) if not depth}  # levels without attention: any number will do
    down = [depth or (middle if level == len(down) - 1 and middle else 1) for level, depth in enumerate(down)]
    mirrored = [depth or down[-1 - level] for level, depth in enumerate(up)]
    if mirrored != down[::-1] or any(isinstance(depth, list) for depth in down):
        return {"transformer_layers_per_block": down, "reverse_transformer_layers_per_block": mirrored}
    used = {depth for level, depth in enumerate(down) if level not in free or (middle and level == len(down) - 1)}
    return {"transformer_layers_per_block": used.pop() if len(used) == 1 else down}


def _depth(shapes: Mapping[str, Shape], block: str) -> _Depth:
    """Return the number of transformer layers in each attention of a level, as a list if they differ; 0 for none."""
    each = [count(shapes, f"{attention}.transformer_blocks") for attention in numbered(shapes, f"{block}.attentions")]
    if each and len(each) != count(shapes, f"{block}.resnets"):
        raise ValueError(f"only {len(each)} layers of {block} have attention")
    return _same(each) if each else 0


def _conditions(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Return the settings of what the UNet takes besides text: sizes and a pooled prompt, or the guidance scale."""
    found: dict[str, Any] = {}
    if "add_embedding.linear_1.weight" in shapes:
        found |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": TIME_CHANNELS,
            "projection_class_embeddings_input_dim": shapes["add_embedding.linear_1.weight"][1],
        }
    if "time_embedding.cond_proj.weight" in shapes:
        found["time_cond_proj_dim"] = shapes["time_embedding.cond_proj.weight"][1]
    return found


def _same(numbers: list[int]) -> _Depth:
    """Return the number that all are, else the list."""
    return numbers[0] if len(set(numbers)) == 1 else numbers
