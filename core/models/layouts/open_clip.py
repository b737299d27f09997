"""The text encoder of CLIP in the layout of OpenCLIP: `resblocks`, with query, key and value in one tensor.

Source of the names: open_clip src/open_clip/transformer.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from .extras import without_extras
from .take import Take, unique

_BLOCKS: Final = "transformer.resblocks."
_PLAIN: Final = {
    "positional_embedding": "embeddings.position_embedding.weight",
    "token_embedding.weight": "embeddings.token_embedding.weight",
    "ln_final.weight": "final_layer_norm.weight",
    "ln_final.bias": "final_layer_norm.bias",
}
_LAYER: Final = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
}
_PACKED: Final = {"attn.in_proj_weight": "weight", "attn.in_proj_bias": "bias"}


def open_clip_names(names: Collection[str]) -> dict[str, Take]:
    """Return the names of our text encoder for its weights; the projection is stored transposed."""
    return unique(taken for name in without_extras(names) if name != "attn_mask" for taken in _taken(name))


def _taken(name: str) -> Iterator[tuple[str, Take]]:
    if name == "text_projection":
        yield "text_projection.weight", Take(name, transposed=True)
    elif name.startswith(_BLOCKS):
        number, _, rest = name[len(_BLOCKS) :].partition(".")
        yield from _in_layer(f"encoder.layers.{number}.", name, rest)
    else:
        yield _PLAIN.get(name, name), Take(name)


def _in_layer(layer: str, name: str, rest: str) -> Iterator[tuple[str, Take]]:
    if rest in _PACKED:
        for index, part in enumerate("qkv"):
            yield f"{layer}self_attn.{part}_proj.{_PACKED[rest]}", Take(name, index, 3)
    else:
        start, _, last = rest.rpartition(".")
        yield f"{layer}{_LAYER.get(start, start)}.{last}", Take(name)
