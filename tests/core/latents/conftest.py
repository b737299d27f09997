"""An image with sharp edges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def stripes() -> Callable[..., Image.Image]:
    """Return an image of vertical stripes."""

    def make(width: int = 64, height: int = 48, step: int = 8) -> Image.Image:
        row = (np.arange(width) // step % 2 * 200).astype(np.uint8)
        return Image.fromarray(np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=-1))

    return make
