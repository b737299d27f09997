"""Compare two images by a difference image, PSNR in decibels, and SSIM in [-1, 1]."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.stopping import IsCancelled, check, never

from .filters import gaussian_window
from .modes import common_mode, from_floats, to_floats, to_mode
from .sizes import check_equal

if TYPE_CHECKING:
    from .modes import Floats

# Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity,
# IEEE Transactions on Image Processing 13(4), 2004: the window and constants of section III-B.
Doubles = NDArray[np.float64]
WINDOW = 11
SIGMA = 1.5
C1 = 0.01**2
C2 = 0.03**2


def difference(image: Image.Image, other: Image.Image) -> Image.Image:
    """Return the absolute difference of colors, black where equal; a difference in alpha counts in every channel."""
    first, second, mode = _pair(image, other)
    apart = np.abs(first - second)
    if mode.endswith("A"):
        apart = np.maximum(apart[:, :, :-1], apart[:, :, -1:])
    return from_floats(apart, mode.removesuffix("A"))


def psnr(image: Image.Image, other: Image.Image) -> float:
    """Return the peak signal-to-noise ratio in decibels; infinite if the images are equal."""
    first, second, _ = _pair(image, other)
    error = float(np.mean((first.astype(np.float64) - second) ** 2))
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(image: Image.Image, other: Image.Image, *, cancelled: IsCancelled = never) -> float:
    """Return the structural similarity (SSIM), averaged over all channels and all positions of the window.

    Raises: Cancelled.
    """
    mean = partial(_windowed, cancelled=cancelled)
    first, second = (np.moveaxis(pixels, 2, 0).astype(np.float64, order="C") for pixels in _pair(image, other)[:2])
    length = min(WINDOW, *first.shape[1:])
    mean_first, mean_second = mean(first, length), mean(second, length)
    variance_first = mean(first * first, length) - mean_first**2
    variance_second = mean(second * second, length) - mean_second**2
    covariance = mean(first * second, length) - mean_first * mean_second
    likeness = (2 * mean_first * mean_second + C1) * (2 * covariance + C2)
    return float(np.mean(likeness / ((mean_first**2 + mean_second**2 + C1) * (variance_first + variance_second + C2))))


def _pair(image: Image.Image, other: Image.Image) -> tuple[Floats, Floats, str]:
    check_equal(image.size, other.size, "images", "compared")
    mode = common_mode(image, other)
    return to_floats(to_mode(image, mode)), to_floats(to_mode(other, mode)), mode


def _windowed(planes: Doubles, length: int, cancelled: IsCancelled) -> Doubles:
    """Return the Gaussian-weighted mean of planes (channels, h, w) around each position where the whole window fits."""
    weights = gaussian_window(length, SIGMA).astype(np.float64)
    height, width = planes.shape[1] - length + 1, planes.shape[2] - length + 1
    rows = _weighted([planes[:, place : place + height] for place in range(length)], weights, cancelled)
    return _weighted([rows[:, :, place : place + width] for place in range(length)], weights, cancelled)


def _weighted(shifted: list[Doubles], weights: Doubles, cancelled: IsCancelled) -> Doubles:
    """Return the weighted sum of arrays of equal size; arrays of equal weight are added before weighting."""
    total = np.zeros_like(shifted[0])
    room = np.empty_like(total)
    for place in range((len(shifted) + 1) // 2):
        check(cancelled)
        mirror = len(shifted) - 1 - place
        np.add(shifted[place], shifted[mirror], out=room)
        room *= weights[place] if place != mirror else weights[place] / 2
        total += room
    return total
