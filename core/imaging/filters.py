"""Gaussian blur and unsharp masking."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.stopping import IsCancelled, check, never

from .errors import BadImageInput
from .modes import DEEP, from_floats, join_alpha, premultiplied, split_alpha, to_floats

if TYPE_CHECKING:
    from .modes import Floats

TAIL = 4  # the Gaussian is cut off at this many standard deviations; the rest is below half a 16-bit level


def blur(image: Image.Image, radius: float, *, cancelled: IsCancelled = never) -> Image.Image:
    """Return the image blurred by a Gaussian with a standard deviation of `radius` pixels. Raises: Cancelled."""
    if radius < 0:
        raise BadImageInput(f"the blur radius must be 0 or more, not {radius:g}")
    if radius == 0:
        return image
    if image.mode == DEEP:
        return from_floats(gaussian(to_floats(image), radius, cancelled=cancelled), DEEP)
    return premultiplied(image, lambda part: part.filter(ImageFilter.GaussianBlur(radius)))


def sharpen(image: Image.Image, amount: float, *, radius: float = 2.0, cancelled: IsCancelled = never) -> Image.Image:
    """Sharpen the image by adding `amount` times its difference from a blurred copy; alpha is unchanged.

    Raises: Cancelled.
    """
    color, alpha = split_alpha(image)
    if color.mode == DEEP:
        pixels = to_floats(color)
        soft_pixels = gaussian(pixels, radius, cancelled=cancelled)
        return from_floats(pixels + np.float32(amount) * (pixels - soft_pixels), DEEP)
    soft = split_alpha(blur(image, radius))[0]
    check(cancelled)
    pixels = to_floats(color)
    return join_alpha(from_floats(pixels + np.float32(amount) * (pixels - to_floats(soft)), color.mode), alpha)


def gaussian(pixels: Floats, sigma: float, *, cancelled: IsCancelled = never) -> Floats:
    """Blur floats (h, w, channels) by a Gaussian; edge pixels are repeated beyond the image. Raises: Cancelled."""
    kernel = gaussian_window(2 * math.ceil(TAIL * sigma) + 1, sigma)
    return _along(_along(pixels, kernel, cancelled, axis=0), kernel, cancelled, axis=1)


def gaussian_window(length: int, sigma: float) -> NDArray[np.float32]:
    """Return a Gaussian sampled at `length` points around its center, summing to 1."""
    places = np.arange(length) - (length - 1) / 2
    weights: NDArray[np.float64] = np.exp(-(places**2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum(), np.float32)


def _along(pixels: Floats, kernel: NDArray[np.float32], cancelled: IsCancelled, *, axis: int) -> Floats:
    reach = len(kernel) // 2
    margin = [(0, 0), (0, 0), (0, 0)]
    margin[axis] = (reach, reach)
    wide = np.moveaxis(np.pad(pixels, margin, mode="edge"), axis, 0)
    total = np.zeros_like(np.moveaxis(pixels, axis, 0))
    for place, weight in enumerate(kernel):
        check(cancelled)
        total += weight * wide[place : place + total.shape[0]]
    return np.moveaxis(total, 0, axis)
