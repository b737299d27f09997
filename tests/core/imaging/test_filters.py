"""Blur and sharpen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.imaging import filters
from core.imaging.errors import BadImageInput

Maker = Callable[..., Image.Image]


def reference_blur(values: np.ndarray, sigma: float) -> np.ndarray:
    """Blur with a full two-dimensional window, pixel by pixel, as the reference."""
    reach = int(np.ceil(4 * sigma))
    places = np.arange(-reach, reach + 1)
    window = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * sigma**2))
    wide = np.pad(values, reach, mode="edge")
    rows, columns = values.shape
    return np.array(
        [
            [
                (wide[row : row + 2 * reach + 1, column : column + 2 * reach + 1] * window).sum() / window.sum()
                for column in range(columns)
            ]
            for row in range(rows)
        ]
    )


def test_16_bit_images_are_blurred_with_a_gaussian(make_image: Maker) -> None:
    image = make_image("I;16", 12, 9)
    expected = reference_blur(np.asarray(image).astype(float), 1.3)
    # float32 and rounding may change a value by 1 of 65535
    assert np.abs(np.asarray(filters.blur(image, 1.3)) - expected).max() < 2


def test_8_bit_images_are_blurred_with_an_approximate_gaussian(make_image: Maker) -> None:
    image = make_image("L", 24, 18)
    expected = reference_blur(np.asarray(image).astype(float), 2.0)
    # Pillow approximates a Gaussian by three box blurs
    assert np.abs(np.asarray(filters.blur(image, 2.0)) - expected).mean() < 1.5


def test_a_radius_of_zero_returns_the_same_image(any_image: Image.Image) -> None:
    assert filters.blur(any_image, 0) is any_image


def test_a_negative_radius_is_refused() -> None:
    with pytest.raises(BadImageInput, match="must be 0 or more, not -1"):
        filters.blur(Image.new("L", (2, 2)), -1)


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_sharpening_by_zero_changes_nothing(mode: str, make_image: Maker) -> None:
    image = make_image(mode)
    assert filters.sharpen(image, 0).tobytes() == image.tobytes()


def test_sharpening_makes_an_edge_steeper() -> None:
    image = Image.new("L", (20, 5), 100)
    image.paste(150, (10, 0, 20, 5))
    row = np.asarray(filters.sharpen(image, 1.0))[2].astype(int)
    assert row[9] < 100 < 150 < row[10]
    assert (row[0], row[19]) == (100, 150)


def test_blur_does_not_mix_in_colors_of_transparent_pixels() -> None:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (10, 0, 20, 20))
    soft = np.asarray(filters.blur(image, 2))
    assert soft[soft[..., 3] > 20][:, 0].max() <= 5
