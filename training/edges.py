"""Edges of a picture as white lines on black, and how well the edges of two pictures agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

STRONG = 56.0  # the step between neighbouring pixels (0 to 255, largest of three channels) that is an edge
NEAR = 2  # pixels that an edge may lie beside its place


def edge_mask(image: Image.Image) -> NDArray[np.bool_]:
    """Mark the pixels (h, w) whose brightness or colour changes sharply, by Sobel's gradient."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
    across, down = (ndimage.sobel(pixels, axis) / 4 for axis in (1, 0))
    strength = np.hypot(across, down).max(2)
    strength[[0, -1], :] = strength[:, [0, -1]] = 0
    found: NDArray[np.bool_] = strength > STRONG
    return found


def edges(image: Image.Image) -> Image.Image:
    """Draw the edges of a picture white on black, as an RGB picture of its size."""
    return Image.fromarray(edge_mask(image).astype(np.uint8) * 255).convert("RGB")


def agreement(asked: NDArray[np.bool_], seen: NDArray[np.bool_]) -> float:
    """Give the F1 score (0 to 1) of edges that lie within two pixels of each other."""
    if not asked.any() or not seen.any():
        return float(asked.any() == seen.any())
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), dtype=bool)
    found = float((asked & ndimage.binary_dilation(seen, around)).sum() / asked.sum())
    right = float((seen & ndimage.binary_dilation(asked, around)).sum() / seen.sum())
    return 2 * found * right / (found + right) if found + right else 0.0
