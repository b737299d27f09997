"""Find the edges of an image, draw them as white lines on black, and measure how well the edges of two images match."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

STRONG = 56.0  # gradient (0 to 255, largest of the three channels) above which a pixel is an edge
NEAR = 2  # tolerance in pixels when edges are compared


def edge_mask(image: Image.Image) -> NDArray[np.bool_]:
    """Return a mask (h, w) of the pixels where the Sobel gradient is strong."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
    across, down = (ndimage.sobel(pixels, axis) / 4 for axis in (1, 0))
    strength = np.hypot(across, down).max(2)
    strength[[0, -1], :] = strength[:, [0, -1]] = 0
    found: NDArray[np.bool_] = strength > STRONG
    return found


def edges(image: Image.Image) -> Image.Image:
    """Return an image's edges, white on black, as an RGB image of the same size."""
    return Image.fromarray(edge_mask(image).astype(np.uint8) * 255).convert("RGB")


def agreement(asked: NDArray[np.bool_], seen: NDArray[np.bool_]) -> float:
    """Return the F1 score (0 to 1) of two edge masks, counting edges within two pixels as a match."""
    if not asked.any() or not seen.any():
        return float(asked.any() == seen.any())
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), dtype=bool)
    found = float((asked & ndimage.binary_dilation(seen, around)).sum() / asked.sum())
    right = float((seen & ndimage.binary_dilation(asked, around)).sum() / seen.sum())
    return 2 * found * right / (found + right) if found + right else 0.0
