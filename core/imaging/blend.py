"""Composite one image over another: blend modes with alpha, and pasting at a position.

The formulas: W3C Compositing and Blending Level 1, sections 5.8 (blending with alpha) and 10.1 (separable modes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from PIL import Image

from .masks import as_mask
from .modes import common_mode, from_floats, has_alpha, to_floats, to_mode
from .sizes import check_equal, check_mask

if TYPE_CHECKING:
    from .modes import Floats

BlendMode = Literal[
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color-dodge",
    "color-burn",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "add",
    "subtract",
]
BLEND_MODES: tuple[str, ...] = get_args(BlendMode)


def blend(below: Image.Image, above: Image.Image, *, mode: BlendMode = "normal", opacity: float = 1.0) -> Image.Image:
    """Blend one image over another of the same size; the result has an alpha channel if the lower image has one."""
    check_equal(below.size, above.size, "images", "blended")
    return _blend(below, above, FORMULAS[mode], np.float32(opacity))


def paste(
    below: Image.Image,
    above: Image.Image,
    *,
    left: int = 0,
    top: int = 0,
    mask: Image.Image | None = None,
    opacity: float = 1.0,
) -> Image.Image:
    """Paste one image onto another at (left, top), where the mask is white; anything past the edges is cropped."""
    if mask is not None:
        check_mask(mask.size, above.size)
    box = (max(0, left), max(0, top), min(below.width, left + above.width), min(below.height, top + above.height))
    if box[0] >= box[2] or box[1] >= box[3]:
        return below
    inner = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    weight = np.float32(opacity)
    cover = weight if mask is None else weight * to_floats(as_mask(mask).crop(inner))
    part = _blend(below.crop(box), above.crop(inner), FORMULAS["normal"], cover)
    result = to_mode(below, part.mode).copy()
    result.paste(part, box[:2])
    return result


Formula = Callable[["Floats", "Floats"], "Floats"]


def _blend(below: Image.Image, above: Image.Image, formula: Formula, opacity: Floats | np.float32) -> Image.Image:
    """Composite with "source over", weighting colors by both alphas."""
    colors = common_mode(
        *(to_mode(layer, layer.mode.removesuffix("A")) if has_alpha(layer) else layer for layer in (below, above))
    )
    base, base_alpha = _planes(below, colors)
    top, top_alpha = _planes(above, colors)
    top_alpha = top_alpha * opacity
    mixed = (1 - base_alpha) * top + base_alpha * formula(base, top)
    alpha = top_alpha + base_alpha * (1 - top_alpha)
    total = top_alpha * mixed + (1 - top_alpha) * base_alpha * base
    if not has_alpha(below):
        return from_floats(total, colors)
    color = np.divide(total, alpha, out=np.zeros_like(total), where=alpha > 0)
    return from_floats(np.concatenate([color, np.broadcast_to(alpha, (*total.shape[:2], 1))], axis=2), colors + "A")


def _planes(image: Image.Image, colors: str) -> tuple[Floats, Floats]:
    """Return the colors in the given mode and the alpha, as floats in [0, 1]."""
    if not has_alpha(image):
        return to_floats(to_mode(image, colors)), np.ones((1, 1, 1), np.float32)
    pixels = to_floats(to_mode(image, colors + "A"))
    return pixels[:, :, :-1], pixels[:, :, -1:]


def _hard_light(base: Floats, top: Floats) -> Floats:
    return np.where(top <= 0.5, base * 2 * top, base + (2 * top - 1) - base * (2 * top - 1))


def _soft_light(base: Floats, top: Floats) -> Floats:
    bent = np.where(base <= 0.25, ((16 * base - 12) * base + 4) * base, np.sqrt(base))
    return np.where(top <= 0.5, base - (1 - 2 * top) * base * (1 - base), base + (2 * top - 1) * (bent - base))


def _dodge(base: Floats, top: Floats) -> Floats:
    lit = np.divide(base, 1 - top, out=np.ones_like(base), where=top < 1)
    return np.where(base == 0, 0, np.minimum(1, lit))


def _burn(base: Floats, top: Floats) -> Floats:
    dark = np.divide(1 - base, top, out=np.ones_like(base), where=top > 0)
    return np.where(base == 1, 1, 1 - np.minimum(1, dark))


FORMULAS: dict[str, Formula] = {
    "normal": lambda base, top: top,
    "multiply": lambda base, top: base * top,
    "screen": lambda base, top: base + top - base * top,
    "overlay": lambda base, top: _hard_light(top, base),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color-dodge": _dodge,
    "color-burn": _burn,
    "hard-light": _hard_light,
    "soft-light": _soft_light,
    "difference": lambda base, top: np.abs(base - top),
    "exclusion": lambda base, top: base + top - 2 * base * top,
    "add": lambda base, top: np.minimum(1, base + top),
    "subtract": lambda base, top: np.maximum(0, base - top),
}
