"""Rules for upscalers and restorers, and the scale that follows from their last layers.

Sources of the names: spandrel libs/spandrel/spandrel/architectures/*/__init__.py; stable-diffusion.cpp
src/model/upscaler/esrgan.hpp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from .conditions import Names
from .rule import Rule


def _upscaler(family: str, when: str) -> Rule:
    return Rule("upscaler", family, when)


UPSCALERS: Final = (
    Rule("restorer", "gfpgan", "stylegan_decoder.style_convs.#.*|stylegan_decoder.style_conv1.*"),
    Rule("restorer", "codeformer", "quantize.embedding.weight ft_layers.#.self_attn.in_proj_weight"),
    Rule("restorer", "restoreformer", "quantize.embedding.weight encoder.conv_in.weight"),
    Rule(
        "restorer",
        "lama",
        "model.#.ffc.convl2l.weight|model.model.#.ffc.convl2l.weight|generator.model.#.ffc.convl2l.weight",
    ),
    _upscaler("esrgan", "model.0.weight model.1.sub.#.RDB1.conv1.#.weight|model.1.sub.#.RDB1.conv1x1.weight"),
    _upscaler("esrgan", "conv_first.weight body.#.rdb1.conv1.weight"),
    _upscaler("esrgan", "conv_first.weight RRDB_trunk.#.RDB1.conv1.weight"),
    _upscaler("hat", "conv_first.weight layers.#.residual_group.overlap_attn.qkv.weight"),
    _upscaler("swinir", "conv_first.weight layers.#.residual_group.blocks.#.attn.relative_position_bias_table"),
    _upscaler("swin2sr", "layers.#.residual_group.blocks.#.attn.logit_scale"),
    _upscaler("dat", "conv_first.weight before_RG.1.weight layers.#.blocks.#.*"),
    _upscaler("span", "block_1.c1_r.sk.weight conv_1.sk.weight"),
    _upscaler("plksr", "feats.0.weight feats.#.lk.conv.weight|feats.#.lk.*"),
    _upscaler("mosr", "gblocks.#.*"),
    _upscaler("omnisr", "input.weight residual_layer.#.residual_layer.#.layer.#.*"),
    _upscaler("compact", "body.0.weight body.1.weight:1 body.2.weight:4"),
    _upscaler("", "conv_first.weight conv_last.weight|upsample.*|upsampler.*|conv_after_body.weight|upconv1.weight"),
)
"""Upscalers; the last row is for those that no row names, so only that it probably is one."""


def scale_of(family: str, names: Names) -> int | None:
    """Return by how much an upscaler enlarges an image, if its layers show it."""
    return _SCALES[family](names) if family in _SCALES else None


def _esrgan(names: Names) -> int:
    """ESRGAN: one convolution per doubling; in the old layout all lie in one sequence of 5 + 3 per doubling."""
    if names.find("model.0.weight"):
        last = max(int(part) for part in _indices(names, "model"))
        doublings = max(0, (last - 4) // 3)
    else:
        doublings = sum(bool(names.find(f"conv_up{n}.weight") or names.find(f"upconv{n}.weight")) for n in (1, 2, 3))
    inside = names.size("conv_first.weight", 1) or names.size("model.0.weight", 1) or 3
    shuffled = {12: 2, 48: 4}.get(inside, 1)  # Real-ESRGAN for x2 and x1 starts by folding pixels into channels
    return int(2 ** min(doublings, 4)) // shuffled or 1


def _indices(names: Names, root: str) -> list[str]:
    parts = [name.split(".")[1] for name in names.shapes if name.startswith(root + ".")]
    return [part for part in parts if part.isdecimal() and len(part) < 4] or ["0"]


def _compact(names: Names) -> int | None:
    """Compact: the last convolution makes 3 channels for each pixel of a square."""
    last = max(int(part) for part in _indices(names, "body"))
    channels = names.size(f"body.{last}.weight", 0)
    return _root(channels)


def _root(channels: int | None) -> int | None:
    side = math.isqrt((channels or 0) // 3)
    return side if side and side * side * 3 == channels else None


def _shuffled(*places: str) -> Callable[[Names], int | None]:
    return lambda names: next((side for place in places if (side := _root(names.size(place, 0)))), None)


_SCALES: Final[dict[str, Callable[[Names], int | None]]] = {
    "esrgan": _esrgan,
    "compact": _compact,
    "span": _shuffled("upsampler.0.weight"),
    "plksr": lambda names: _root(names.size(f"feats.{max(int(one) for one in _indices(names, 'feats'))}.weight", 0)),
}
