"""Masks: images of one channel (L), white where an image may change."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .adjust import grayscale
from .filters import blur
from .modes import DEEP, eight_bit, flatten, split_alpha, to_floats
from .sizes import check_equal

Combination = Literal["union", "intersect", "subtract", "differ"]
Bytes = NDArray[np.uint8]


def as_mask(image: Image.Image) -> Image.Image:
    """Convert an image to a mask: its luminance, with transparent areas black."""
    return eight_bit(flatten(grayscale(image), (0, 0, 0))).convert("L")


def from_alpha(image: Image.Image, *, opaque: bool = False) -> Image.Image:
    """Return a mask that is white where the image is transparent or, with `opaque`, where it is opaque."""
    alpha = split_alpha(image)[1] or Image.new("L", image.size, 255)
    return alpha if opaque else invert(alpha)


def threshold(image: Image.Image, level: float) -> Image.Image:
    """Return a mask that is white where the luminance is at least `level`, 0 (black) to 1 (white)."""
    gray = flatten(grayscale(image), (0, 0, 0))
    values = to_floats(gray if gray.mode == DEEP else gray.convert("L"))[:, :, 0]
    return Image.fromarray(np.where(values >= np.float32(level), 255, 0).astype(np.uint8))


def invert(mask: Image.Image) -> Image.Image:
    """Swap black and white."""
    return Image.fromarray(255 - np.asarray(mask))


def grow(mask: Image.Image, pixels: int) -> Image.Image:
    """Dilate the white area by a disc of this radius in pixels; a negative radius erodes it."""
    values = np.asarray(mask)
    if pixels < 0:
        return Image.fromarray(255 - _dilate(255 - values, -pixels))
    return Image.fromarray(_dilate(values, pixels))


def feather(mask: Image.Image, radius: float) -> Image.Image:
    """Blur the edges of the mask by a Gaussian of `radius` pixels."""
    return blur(mask, radius)


def combine(mask: Image.Image, other: Image.Image, mode: Combination) -> Image.Image:
    """Combine masks: white in either (union), both (intersect), only the first (subtract), exactly one (differ)."""
    check_equal(mask.size, other.size, "masks", "combined")
    first, second = np.asarray(mask), np.asarray(other)
    match mode:
        case "union":
            return Image.fromarray(np.maximum(first, second))
        case "intersect":
            return Image.fromarray(np.minimum(first, second))
        case "subtract":
            return Image.fromarray(np.minimum(first, 255 - second))
        case "differ":
            return Image.fromarray(np.maximum(first, second) - np.minimum(first, second))


def _dilate(values: Bytes, radius: int) -> Bytes:
    """Return the maximum over a disc around each pixel, computed one row of the disc at a time."""
    if radius == 0:
        return values
    height = values.shape[0]
    result = values.copy()
    for offset in range(min(radius, height - 1) + 1):
        wide = _maximum_along_rows(values, math.isqrt(radius**2 - offset**2))
        np.maximum(result[: height - offset], wide[offset:], out=result[: height - offset])
        np.maximum(result[offset:], wide[: height - offset], out=result[offset:])
    return result


def _maximum_along_rows(values: Bytes, reach: int) -> Bytes:
    """Return the maximum over each pixel and the `reach` pixels on both sides of it, by doubling windows."""
    length = 2 * reach + 1
    wide = np.pad(values, ((0, 0), (reach, reach)))
    covered = 1
    while covered < length:
        step = min(covered, length - covered)
        wide = np.maximum(wide[:, : wide.shape[1] - step], wide[:, step:])
        covered += step
    return wide
