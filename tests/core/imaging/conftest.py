"""Images with known pixels in each of the five modes that the core uses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

MODES = ("L", "LA", "RGB", "RGBA", "I;16")
Maker = Callable[..., Image.Image]


@pytest.fixture
def make_image() -> Maker:
    """Return a factory of images with seeded random pixels."""

    def make(mode: str, width: int = 33, height: int = 21, *, seed: int = 0) -> Image.Image:
        numbers = np.random.default_rng(seed)
        if mode == "I;16":
            return Image.fromarray(numbers.integers(0, 65536, (height, width), dtype=np.uint16))
        bands = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
        pixels = numbers.integers(0, 256, (height, width, bands), dtype=np.uint8)
        return Image.fromarray(pixels[:, :, 0] if bands == 1 else pixels)

    return make


@pytest.fixture(params=MODES)
def any_image(request: pytest.FixtureRequest, make_image: Maker) -> Image.Image:
    """Return an image in each mode that the core uses, in turn: L, LA, RGB, RGBA and I;16."""
    return make_image(request.param)
