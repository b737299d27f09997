"""Difference, PSNR and SSIM, compared with their formulas."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.imaging import measure
from core.imaging.errors import BadImageInput

Maker = Callable[..., Image.Image]


def reference_ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Return the SSIM according to equation 13 of Wang et al. 2004, window by window; values are in [0, 1]."""
    places = np.arange(11) - 5
    window = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    found = []
    for row in range(first.shape[0] - 10):
        for column in range(first.shape[1] - 10):
            part, other = first[row : row + 11, column : column + 11], second[row : row + 11, column : column + 11]
            mean, mean_other = (window * part).sum(), (window * other).sum()
            variance, variance_other = (window * (part - mean) ** 2).sum(), (window * (other - mean_other) ** 2).sum()
            covariance = (window * (part - mean) * (other - mean_other)).sum()
            above = (2 * mean * mean_other + 1e-4) * (2 * covariance + 9e-4)
            found.append(above / ((mean**2 + mean_other**2 + 1e-4) * (variance + variance_other + 9e-4)))
    return float(np.mean(found))


def test_ssim_equals_the_formula_of_the_paper(make_image: Maker) -> None:
    first, second = make_image("L", 20, 15), make_image("L", 20, 15, seed=1)
    second = Image.blend(first, second, 0.3)
    expected = reference_ssim(np.asarray(first) / 255, np.asarray(second) / 255)
    assert measure.ssim(first, second) == pytest.approx(expected, abs=1e-6)


def test_ssim_of_color_images_is_the_mean_over_the_channels(make_image: Maker) -> None:
    first, second = make_image("RGB"), make_image("RGB", seed=1)
    channels = [measure.ssim(first.getchannel(band), second.getchannel(band)) for band in range(3)]
    assert measure.ssim(first, second) == pytest.approx(np.mean(channels))


def test_images_smaller_than_the_ssim_window_can_be_compared() -> None:
    assert measure.ssim(Image.new("L", (3, 1), 9), Image.new("L", (3, 1), 9)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second", "decibel"),
    [
        (Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 255), 0.0),
        (Image.new("L", (4, 4), 100), Image.new("L", (4, 4), 101), 20 * math.log10(255)),
        (Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "red"), math.inf),
        (Image.new("L", (4, 4), 255), Image.new("RGB", (4, 4), "white"), math.inf),
    ],
)
def test_psnr_is_measured_in_decibels(first: Image.Image, second: Image.Image, decibel: float) -> None:
    assert measure.psnr(first, second) == pytest.approx(decibel, abs=1e-4)


def test_the_difference_image_is_black_where_two_images_are_equal() -> None:
    first, second = Image.new("RGB", (2, 1), (10, 20, 30)), Image.new("RGB", (2, 1), (10, 20, 30))
    second.putpixel((1, 0), (0, 25, 30))
    assert np.array_equal(np.asarray(measure.difference(first, second)), [[[0, 0, 0], [10, 5, 0]]])


def test_a_difference_in_alpha_is_visible_in_the_difference_image() -> None:
    clear, solid = Image.new("LA", (1, 1), (9, 0)), Image.new("L", (1, 1), 9)
    assert measure.difference(clear, solid).getpixel((0, 0)) == 255


@pytest.mark.parametrize("work", [measure.difference, measure.psnr, measure.ssim])
def test_comparing_images_of_different_sizes_is_refused(work: Callable[..., object]) -> None:
    with pytest.raises(BadImageInput, match="images of 3x3 and 4x4 cannot be compared"):
        work(Image.new("L", (3, 3)), Image.new("L", (4, 4)))
