"""An image is resized to the nearest size that a model supports."""

from __future__ import annotations

import pytest

from invocations.precheck.sizes import fitting
from invocations.services.models.base import ModelSettings

MODEL = ModelSettings("sd1", 512, 512, 8, 20, 7.0, "euler")

CASES = [
    ((512, 512), None, None, (512, 512)),
    ((64, 48), None, None, (64, 48)),
    ((65, 51), None, None, (64, 48)),
    ((68, 60), None, None, (72, 64)),
    ((3, 2), None, None, (8, 8)),
    ((640, 512), None, None, (640, 512)),
    ((1024, 1024), None, None, (728, 728)),
    ((2048, 512), None, None, (1448, 360)),
    ((4000, 3000), None, None, (840, 624)),
    ((4000, 3000), 400, None, (400, 304)),
    ((4000, 3000), None, 300, (400, 304)),
    ((100, 100), 256, 130, (256, 128)),
    ((100, 100), 1024, None, (1024, 1024)),
]


@pytest.mark.parametrize(("size", "width", "height", "expected"), CASES)
def test_an_image_is_fitted_to_a_size_that_the_model_supports(
    size: tuple[int, int], width: int | None, height: int | None, expected: tuple[int, int]
) -> None:
    assert fitting(size, width, height, MODEL) == expected
