"""Convert a mask over pixels to a mask over latents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .size import check_size

if TYPE_CHECKING:
    from PIL.Image import Image


def mask_to_latents(mask: Image, factor: int, *, soft: bool = False) -> Tensor:
    """Return a mask (1, 1, h/f, w/f) in [0, 1]; white (1) is where the image may change.

    A hard mask is thresholded at mid-gray and sampled, as in diffusers' inpainting; a soft mask keeps cell averages.

    Raises: BadSize.
    """
    check_size(mask.width, mask.height, factor)
    gray = torch.from_numpy(np.asarray(mask.convert("L"), dtype=np.float32) / np.float32(255))[None, None]
    if soft:
        return functional.avg_pool2d(gray, factor)
    return functional.interpolate((gray >= 0.5).float(), size=(mask.height // factor, mask.width // factor))
