"""Services in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages


def noisy(mode: str = "RGB", width: int = 12, height: int = 8, seed: int = 0) -> Image.Image:
    """Return an image of random pixels, which depend only on the seed."""
    numbers = np.random.default_rng(seed)
    if mode == "I;16":
        return Image.fromarray(numbers.integers(0, 65536, (height, width), dtype=np.uint16))
    pixels = numbers.integers(0, 256, (height, width, {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]), dtype=np.uint8)
    return Image.fromarray(pixels[:, :, 0] if mode == "L" else pixels)


@pytest.fixture
def picture() -> Callable[..., Image.Image]:
    """Return a function that creates an image: `picture(mode, width, height, seed)`."""
    return noisy


@pytest.fixture
def images(tmp_path: Path) -> Iterator[LocalImages]:
    """Yield an image service in a temporary folder."""
    service = LocalImages(tmp_path / "store", tmp_path / "out", stdin=BytesIO, stdout=BytesIO)
    yield service
    service.close()


@pytest.fixture
def asked() -> Callable[..., SaveRequest]:
    """Return a function that creates a save request; fields that are not passed have default values."""

    def ask(target: str = "", **changes: object) -> SaveRequest:
        usual = {
            "format": "",
            "quality": 90,
            "overwrite": False,
            "metadata": {},
            "facts": {"seed": 7, "prompt": "a fox"},
        }
        return SaveRequest(target, **{**usual, **changes})  # type: ignore[arg-type]

    return ask
