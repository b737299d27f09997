"""Gaussian blur and unsharp masking."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .errors import BadImageInput
from .modes import DEEP, from_floats, join_alpha, premultiplied, split_alpha, to_floats

if TYPE_CHECKING:
    from .modes import Floats

TAIL = 4  # the Gaussian is cut off at this many standard deviations; the rest is below half a 16-bit level


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Return the image blurred by a Gaussian with a standard deviation of `radius` pixels."""
    if radius < 0:
        raise BadImageInput(f"the blur radius must be 0 or more, not {radius:g}")
    if radius == 0:
        return image
    if image.mode == DEEP:
        return from_floats(gaussian(to_floats(image), radius), DEEP)
    return premultiplied(image, lambda part: part.filter(ImageFilter.GaussianBlur(radius)))


def sharpen(image: Image.Image, amount: float, *, radius: float = 2.0) -> Image.Image:
    """Sharpen the image by adding `amount` times its difference from a blurred copy; alpha is unchanged."""
    color, alpha = split_alpha(image)
    if color.mode == DEEP:
        pixels = to_floats(color)
        return from_floats(pixels + np.float32(amount) * (pixels - gaussian(pixels, radius)), DEEP)
    soft = split_alpha(blur(image, radius))[0]
    pixels = to_floats(color)
    return join_alpha(from_floats(pixels + np.float32(amount) * (pixels - to_floats(soft)), color.mode), alpha)


def gaussian(pixels: Floats, sigma: float) -> Floats:
    """Blur floats (h, w, channels) by a Gaussian; edge pixels are repeated beyond the image."""
    kernel = gaussian_window(2 * math.ceil(TAIL * sigma) + 1, sigma)
    return _along(_along(pixels, kernel, axis=0), kernel, axis=1)


def gaussian_window(length: int, sigma: float) -> NDArray[np.float32]:
    """Return a Gaussian sampled at `length` points around its center, summing to 1."""
    places = np.arange(length) - (length - 1) / 2
    weights: NDArray[np.float64] = np.exp(-(places**2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum(), np.float32)


def _along(pixels: Floats, kernel: NDArray[np.float32], *, axis: int) -> Floats:
    reach = len(kernel) // 2
    margin = [(0, 0), (0, 0), (0, 0)]
    margin[axis] = (reach, reach)
    wide = np.moveaxis(np.pad(pixels, margin, mode="edge"), axis, 0)
    total = np.zeros_like(np.moveaxis(pixels, axis, 0))
    for place, weight in enumerate(kernel):
        total += weight * wide[place : place + total.shape[0]]
    return np.moveaxis(total, 0, axis)
