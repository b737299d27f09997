"""The VAE in the layout of the original latent diffusion models: `encoder.down`, `decoder.up`, `mid.attn_1`.

Source of the names: CompVis ldm/modules/diffusionmodules/model.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from .extras import without_extras
from .take import Take, unique

_UP = re.compile(r"decoder\.up\.(\d+)\.")
_ATTENTION: Final = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}
_RULES: Final = (
    (re.compile(r"^encoder\.down\.(\d+)\.block\.(\d+)\."), r"encoder.down_blocks.\1.resnets.\2."),
    (re.compile(r"^encoder\.down\.(\d+)\.downsample\."), r"encoder.down_blocks.\1.downsamplers.0."),
    (re.compile(r"^decoder\.up\.(\d+)\.block\.(\d+)\."), r"decoder.up_blocks.\1.resnets.\2."),
    (re.compile(r"^decoder\.up\.(\d+)\.upsample\."), r"decoder.up_blocks.\1.upsamplers.0."),
    (re.compile(r"^(encoder|decoder)\.mid\.block_1\."), r"\1.mid_block.resnets.0."),
    (re.compile(r"^(encoder|decoder)\.mid\.block_2\."), r"\1.mid_block.resnets.1."),
    (re.compile(r"^(encoder|decoder)\.norm_out\."), r"\1.conv_norm_out."),
    (re.compile(r"\.nin_shortcut\."), ".conv_shortcut."),
)
_MIDDLE = re.compile(r"^(encoder|decoder)\.mid\.attn_1\.(norm|q|k|v|proj_out)\.(weight|bias)$")


def ldm_vae_names(names: Collection[str]) -> dict[str, Take]:
    """Return the network's names for the weights of a VAE; its attention is stored as 1x1 convolutions."""
    levels = max((int(match[1]) for name in names if (match := _UP.match(name))), default=0)
    return unique(_taken(name, levels) for name in without_extras(names))


def _taken(name: str, levels: int) -> tuple[str, Take]:
    match = _MIDDLE.match(name)
    if match is None:
        return _network_name(name, levels), Take(name)
    half, layer, last = match.groups()
    flat = layer != "norm" and last == "weight"
    return f"{half}.mid_block.attentions.0.{_ATTENTION[layer]}.{last}", Take(name, flat=flat)


def _network_name(name: str, levels: int) -> str:
    """Return the network's name. The file counts the decoder's levels from the image, the network from the latents."""
    name = _UP.sub(lambda match: f"decoder.up.{levels - int(match[1])}.", name)
    for pattern, replacement in _RULES:
        name = pattern.sub(replacement, name)
    return name
