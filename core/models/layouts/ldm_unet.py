"""The UNet in the layout of the original latent diffusion models: `input_blocks`, `middle_block`, `output_blocks`.

Which blocks belong to one level follows from the names: each level but the last ends with a layer that changes the
resolution. So UNets with fewer layers or levels than usual are read, too.
Source of the names: CompVis ldm/modules/diffusionmodules/openaimodel.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from .extras import without_extras
from .take import Take, unique

_PLAIN: Final = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "time_embed.cond_proj": "time_embedding.cond_proj",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}
_LAYERS: Final = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
    "op": "conv",
}
_RESNET_HEADS: Final = {name.split(".")[0] for name in _LAYERS} - {"op"}

_Places = dict[str, str]
"""Where each block of the file is in the network: `input_blocks.4.1` is `down_blocks.1.attentions.0`."""


def ldm_unet_names(names: Collection[str]) -> dict[str, Take]:
    """Return the network's names for the weights of a UNet."""
    heads = _heads(names)
    places = {**_PLAIN, **_down_places(heads), **_middle_places(heads), **_up_places(heads)}
    return unique((_network_name(name, places), Take(name)) for name in without_extras(names))


def _heads(names: Collection[str]) -> dict[str, set[str]]:
    """Return the words that follow each block in names, such as `in_layers` and `emb_layers` for `input_blocks.1.0`."""
    heads: dict[str, set[str]] = {}
    for name in names:
        block, rest = _split(name)
        if rest:
            heads.setdefault(block, set()).add(rest.split(".")[0])
    return heads


def _split(name: str) -> tuple[str, str]:
    """Return the block that a tensor belongs to, and the rest of its name."""
    parts = name.split(".")
    length = 2 if parts[0] == "middle_block" else 3
    return ".".join(parts[:length]), ".".join(parts[length:])


def _stages(heads: dict[str, set[str]], root: str) -> Iterator[list[str]]:
    """Return the blocks of each numbered stage, in order."""
    stages: dict[int, list[tuple[int, str]]] = {}
    for block in heads:
        parts = block.split(".")
        if parts[0] == root and all(part.isdecimal() for part in parts[1:]):
            stages.setdefault(int(parts[1]), []).append((int(parts[-1]), block))
    for number in sorted(stages):
        yield [block for _, block in sorted(stages[number])]


def _down_places(heads: dict[str, set[str]]) -> _Places:
    places: _Places = {}
    level = layer = 0
    for blocks in _stages(heads, "input_blocks"):
        if "input_blocks.0.0" in blocks:
            continue
        if "op" in heads[blocks[0]]:
            places[blocks[0]] = f"down_blocks.{level}.downsamplers.0"
            level, layer = level + 1, 0
            continue
        for block in blocks:
            kind = "resnets" if heads[block] & _RESNET_HEADS else "attentions"
            places[block] = f"down_blocks.{level}.{kind}.{layer}"
        layer += 1
    return places


def _middle_places(heads: dict[str, set[str]]) -> _Places:
    places: _Places = {}
    counts = {"resnets": 0, "attentions": 0}
    for block in [block for blocks in _stages(heads, "middle_block") for block in blocks]:
        kind = "resnets" if heads[block] & _RESNET_HEADS else "attentions"
        places[block] = f"mid_block.{kind}.{counts[kind]}"
        counts[kind] += 1
    return places


def _up_places(heads: dict[str, set[str]]) -> _Places:
    places: _Places = {}
    level = layer = 0
    for blocks in _stages(heads, "output_blocks"):
        last = "conv" in heads[blocks[-1]]
        for block in blocks:
            kind = "resnets" if heads[block] & _RESNET_HEADS else "attentions"
            places[block] = f"up_blocks.{level}.{kind}.{layer}"
        if last:
            places[blocks[-1]] = f"up_blocks.{level}.upsamplers.0"
        level, layer = (level + 1, 0) if last else (level, layer + 1)
    return places


def _network_name(name: str, places: _Places) -> str:
    """Return the network's name for a tensor; a name in no known block is kept."""
    parts = name.split(".")
    for length in (3, 2):
        place = places.get(".".join(parts[:length]))
        if place is not None:
            return f"{place}.{_renamed('.'.join(parts[length:]))}"
    return name


def _renamed(rest: str) -> str:
    """Return the network's name for a layer of a residual block or a downsampler; others have the same name."""
    return next((new + rest[len(old) :] for old, new in _LAYERS.items() if rest.startswith(old + ".")), rest)
