"""Rules for textual inversion embeddings and hypernetworks: files with few tensors, or with peculiar keys.

Sources of the names: ComfyUI comfy/sd1_clip.py (load_embed); diffusers loaders/textual_inversion.py; AUTOMATIC1111
modules/textual_inversion/ and modules/hypernetworks/hypernetwork.py.
"""

from __future__ import annotations

from typing import Final

from .conditions import Names
from .rule import Rule, RuleMatch, first_match

MAX_TENSORS: Final = 10  # an embedding has one tensor for each text encoder
MAX_VECTORS: Final = 1_000
FAMILIES: Final = {768: "sd1", 1024: "sd2", 1280: "sdxl", 4096: "sd3"}
"""The family by the width of the vectors: that of CLIP L, OpenCLIP H, OpenCLIP bigG and T5."""

_WIDTHS = tuple((family, width) for width, family in FAMILIES.items())

EMBEDDINGS: Final = (
    Rule("embedding", "sd3", "clip_l clip_g t5xxl"),
    Rule("embedding", "flux1", "clip_l t5xxl"),
    Rule("embedding", "sdxl", "clip_l clip_g|text_encoders_1"),
    Rule("embedding", "sdxl", "clip_g"),
    *[Rule("embedding", family, f"emb_params[-1]={width}") for family, width in _WIDTHS],
    *[Rule("embedding", family, f"string_to_param.*[-1]={width}") for family, width in _WIDTHS],
    Rule("embedding", "", "emb_params|string_to_param.*"),
    Rule("embedding", "sd1", "clip_l[-1]=768"),
)

HYPERNETWORKS: Final = (
    Rule("hypernetwork", "sd2", "1024.#.linear.#.weight"),
    Rule("hypernetwork", "sdxl", "2048.#.linear.#.weight"),
    Rule("hypernetwork", "sd1", "768.#.linear.#.weight"),
)


def match_embedding(names: Names) -> RuleMatch | None:
    """Return what an embedding or hypernetwork matches: a known key, or a single tensor of rows of a known width."""
    if "layer_structure" in names.shapes or len(names.shapes) > MAX_TENSORS:
        return first_match(HYPERNETWORKS, [names])
    return first_match(EMBEDDINGS, [names]) or first_match(HYPERNETWORKS, [names]) or _single(names)


def _single(names: Names) -> RuleMatch | None:
    """Match a file with one tensor under the name of its token: one or more vectors of a known width."""
    if len(names.shapes) != 1:
        return None
    name, shape = next(iter(names.shapes.items()))
    family = FAMILIES.get(shape[-1]) if len(shape) in (1, 2) else None
    if family is None or (len(shape) == 2 and shape[0] > MAX_VECTORS) or name.endswith(("weight", "bias")):
        return None
    return RuleMatch(
        Rule("embedding", family, name), names, "", (f"its only tensor {name} is {'x'.join(map(str, shape))}",)
    )
