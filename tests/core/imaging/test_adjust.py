"""Color operations, compared with formulas computed in numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.imaging import adjust as colors
from core.imaging.colors import fill_for, parse_color
from core.imaging.errors import BadImageInput

Maker = Callable[..., Image.Image]


@pytest.mark.parametrize(
    ("name", "work", "formula"),
    [
        ("brightness", lambda image: colors.brightness(image, 1.5), lambda value: value * 1.5),
        ("brightness 0", lambda image: colors.brightness(image, 0), lambda value: value * 0),
        ("contrast", lambda image: colors.contrast(image, 2), lambda value: (value - 0.5) * 2 + 0.5),
        ("contrast 0", lambda image: colors.contrast(image, 0), lambda value: value * 0 + 0.5),
        ("invert", colors.invert, lambda value: 1 - value),
    ],
)
@pytest.mark.parametrize(("mode", "white"), [("L", 255), ("RGB", 255), ("I;16", 65535)])
def test_each_color_operation_changes_pixels_according_to_its_formula(
    name: str,
    work: Callable[..., Image.Image],
    formula: Callable[..., object],
    mode: str,
    white: int,
    make_image: Maker,
) -> None:
    image = make_image(mode)
    expected = np.rint(np.clip(formula(np.asarray(image) / white), 0, 1) * white)  # type: ignore[call-overload]
    assert (
        np.abs(np.asarray(work(image)).astype(int) - expected).max() <= 1
    )  # numpy rounds halves to the nearest even number


def saturated(pixels: np.ndarray, factor: float) -> np.ndarray:
    grey = pixels @ np.array([0.213, 0.715, 0.072])
    return grey[..., None] + factor * (pixels - grey[..., None])


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 3.0])
def test_saturation_moves_colors_away_from_gray(factor: float, make_image: Maker) -> None:
    image = make_image("RGB")
    expected = np.clip(saturated(np.asarray(image).astype(float), factor), 0, 255)
    assert np.abs(np.asarray(colors.saturation(image, factor)) - expected).max() <= 1


@pytest.mark.parametrize("degrees", [0, 360, -360])
def test_a_full_hue_rotation_changes_nothing(degrees: float, make_image: Maker) -> None:
    image = make_image("RGB")
    assert np.abs(np.asarray(colors.hue(image, degrees)).astype(int) - np.asarray(image)).max() <= 1


def test_a_hue_rotation_keeps_grays_and_luminance() -> None:
    grey = Image.new("RGB", (1, 1), (90, 90, 90))
    assert np.abs(np.asarray(colors.hue(grey, 77)).astype(int) - 90).max() <= 1
    turned = np.asarray(colors.hue(Image.new("RGB", (1, 1), (140, 120, 100)), 120)).astype(float)[0, 0]
    assert turned @ [0.213, 0.715, 0.072] == pytest.approx(np.array([140, 120, 100]) @ [0.213, 0.715, 0.072], abs=1.5)


@pytest.mark.parametrize(
    ("color", "grey"),
    [((255, 0, 0), 54), ((0, 255, 0), 182), ((0, 0, 255), 18), ((255, 255, 255), 255), ((10, 10, 10), 10)],
)
def test_grayscale_keeps_the_luminance(color: tuple[int, int, int], grey: int) -> None:
    assert colors.grayscale(Image.new("RGB", (1, 1), color)).getpixel((0, 0)) == grey


@pytest.mark.parametrize(("mode", "gray"), [("L", "L"), ("LA", "LA"), ("RGB", "L"), ("RGBA", "LA"), ("I;16", "I;16")])
def test_grayscale_returns_one_color_channel(mode: str, gray: str, make_image: Maker) -> None:
    assert colors.grayscale(make_image(mode)).mode == gray


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("red", (255, 0, 0, 255)),
        ("  Teal ", (0, 128, 128, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#ff8800", (255, 136, 0, 255)),
        ("#ff880080", (255, 136, 0, 128)),
        ("rgb(1, 2, 3)", (1, 2, 3, 255)),
        ("hsl(120, 100%, 50%)", (0, 255, 0, 255)),
        ("rgb(300, 0, 0)", (255, 0, 0, 255)),
        ("transparent", (0, 0, 0, 0)),
    ],
)
def test_every_form_of_color_is_parsed(text: str, parts: tuple[int, ...]) -> None:
    assert parse_color(text) == parts


@pytest.mark.parametrize("text", ["blu", "#12"])
def test_the_error_for_an_invalid_color_lists_all_valid_forms(text: str) -> None:
    hint = "write a CSS name, #rgb[a], #rrggbb[aa], rgb(), rgba(), hsl(), hsv() or hsb()"
    with pytest.raises(BadImageInput, match=f"`{text}` is not a color") as refused:
        parse_color(text)
    assert refused.value.hint == hint


def test_a_transparent_fill_color_keeps_a_gray_image_gray() -> None:
    assert fill_for("LA", "transparent") == ("LA", (0, 0))
