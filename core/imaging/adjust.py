"""Adjust colors pixel by pixel; alpha is unchanged.

The formulas are those of the CSS filter functions (W3C Filter Effects Module Level 1, section 13), on sRGB values.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .modes import DEEP, DEEP_WHITE, join_alpha, split_alpha

LUMINANCE = (0.2126, 0.7152, 0.0722)
Matrix = NDArray[np.float64]


def brightness(image: Image.Image, factor: float) -> Image.Image:
    """Multiply every color value by `factor`."""
    return _linear(image, slope=factor, intercept=0.0)


def contrast(image: Image.Image, factor: float) -> Image.Image:
    """Scale every color value around mid-gray by `factor`."""
    return _linear(image, slope=factor, intercept=0.5 - 0.5 * factor)


def invert(image: Image.Image) -> Image.Image:
    """Replace every color with its opposite."""
    return _linear(image, slope=-1.0, intercept=1.0)


def saturation(image: Image.Image, factor: float) -> Image.Image:
    """Scale the distance of every color from gray by `factor`: 0 is gray, 1 no change; gray images are unchanged."""
    gray = np.tile([0.213, 0.715, 0.072], (3, 1))
    return _matrix(image, factor * np.eye(3) + (1 - factor) * gray)


def hue(image: Image.Image, degrees: float) -> Image.Image:
    """Rotate every color around the hue circle, keeping its luminance; gray images are unchanged."""
    turn = math.radians(degrees)
    gray = np.tile([0.213, 0.715, 0.072], (3, 1))
    swing = np.array([[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]])
    return _matrix(image, gray + math.cos(turn) * (np.eye(3) - gray) + math.sin(turn) * swing)


def grayscale(image: Image.Image) -> Image.Image:
    """Convert the image to grayscale (L or LA); a 16-bit image is already gray and is returned unchanged."""
    color, alpha = split_alpha(image)
    if color.mode != "RGB":
        return image
    return join_alpha(color.convert("L", (*LUMINANCE, 0)), alpha)


def _linear(image: Image.Image, *, slope: float, intercept: float) -> Image.Image:
    """Replace every color value in [0, 1] with slope * value + intercept."""
    color, alpha = split_alpha(image)
    white = DEEP_WHITE if color.mode == DEEP else 255
    table = np.rint(np.clip(slope * np.arange(white + 1) / white + intercept, 0, 1) * white)
    if color.mode == DEEP:
        return Image.fromarray(table.astype(np.uint16)[np.asarray(color)])
    return join_alpha(color.point([int(value) for value in table] * len(color.getbands())), alpha)


def _matrix(image: Image.Image, matrix: Matrix) -> Image.Image:
    """Multiply red, green and blue by a 3x3 matrix."""
    color, alpha = split_alpha(image)
    if color.mode != "RGB":
        return image
    rows = np.hstack([matrix, np.zeros((3, 1))])
    return join_alpha(color.convert("RGB", tuple(float(value) for value in rows.ravel())), alpha)
