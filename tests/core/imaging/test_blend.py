"""Blending and pasting, compared with the formula of each blend mode for one pixel."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.imaging import blend as blending
from core.imaging.errors import BadImageInput

Maker = Callable[..., Image.Image]


def soft_light(base: float, top: float) -> float:
    if top <= 0.5:
        return base - (1 - 2 * top) * base * (1 - base)
    bent = ((16 * base - 12) * base + 4) * base if base <= 0.25 else math.sqrt(base)
    return base + (2 * top - 1) * (bent - base)


def hard_light(base: float, top: float) -> float:
    return base * 2 * top if top <= 0.5 else base + (2 * top - 1) - base * (2 * top - 1)


FORMULAS: dict[str, Callable[[float, float], float]] = {
    "normal": lambda base, top: top,
    "multiply": lambda base, top: base * top,
    "screen": lambda base, top: 1 - (1 - base) * (1 - top),
    "overlay": lambda base, top: hard_light(top, base),
    "darken": min,
    "lighten": max,
    "color-dodge": lambda base, top: 0 if base == 0 else 1 if top == 1 else min(1, base / (1 - top)),
    "color-burn": lambda base, top: 1 if base == 1 else 0 if top == 0 else 1 - min(1, (1 - base) / top),
    "hard-light": hard_light,
    "soft-light": soft_light,
    "difference": lambda base, top: abs(base - top),
    "exclusion": lambda base, top: base + top - 2 * base * top,
    "add": lambda base, top: min(1, base + top),
    "subtract": lambda base, top: max(0, base - top),
}
LEVELS = (0, 30, 64, 128, 200, 255)


def test_every_blend_mode_has_a_reference_formula() -> None:
    assert set(blending.BLEND_MODES) == set(blending.FORMULAS) == set(FORMULAS)


@pytest.mark.parametrize("mode", FORMULAS)
def test_opaque_images_are_blended_according_to_the_formula(mode: blending.BlendMode) -> None:
    base = Image.fromarray(np.repeat(np.array([LEVELS], np.uint8), len(LEVELS), 0))
    top = Image.fromarray(np.repeat(np.array([LEVELS], np.uint8).T, len(LEVELS), 1))
    expected = [[FORMULAS[mode](low / 255, high / 255) * 255 for low in LEVELS] for high in LEVELS]
    assert np.abs(np.asarray(blending.blend(base, top, mode=mode)) - np.array(expected)).max() <= 0.51


@pytest.mark.parametrize("mode", ["normal", "multiply", "overlay"])
@pytest.mark.parametrize("opacity", [0.0, 0.3, 1.0])
def test_alpha_follows_source_over_compositing(mode: blending.BlendMode, opacity: float) -> None:
    base, base_alpha, top, top_alpha = 0.8, 0.6, 0.3, 0.5
    below = Image.new("LA", (1, 1), (round(base * 255), round(base_alpha * 255)))
    above = Image.new("LA", (1, 1), (round(top * 255), round(top_alpha * 255)))
    weight = top_alpha * opacity
    mixed = (1 - base_alpha) * top + base_alpha * FORMULAS[mode](base, top)
    alpha = weight + base_alpha * (1 - weight)
    color = (weight * mixed + (1 - weight) * base_alpha * base) / alpha
    got = blending.blend(below, above, mode=mode, opacity=opacity).getpixel((0, 0))
    assert got == pytest.approx((color * 255, alpha * 255), abs=1.1)


def test_two_transparent_pixels_stay_transparent() -> None:
    empty = Image.new("RGBA", (2, 2))
    assert blending.blend(empty, empty).getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_gray_image_blended_with_a_colored_one_becomes_colored() -> None:
    assert blending.blend(Image.new("L", (1, 1), 9), Image.new("RGB", (1, 1), "red")).getpixel((0, 0)) == (255, 0, 0)


def test_16_bit_images_are_blended_in_16_bits() -> None:
    first, second = (Image.fromarray(np.full((1, 1), value, np.uint16)) for value in (10001, 20002))
    assert blending.blend(first, second, mode="add").getpixel((0, 0)) == 30003


def test_blending_images_of_different_sizes_is_refused() -> None:
    with pytest.raises(BadImageInput, match="images of 3x3 and 4x4 cannot be blended") as refused:
        blending.blend(Image.new("L", (3, 3)), Image.new("L", (4, 4)))
    assert refused.value.hint == "`resize 3 3` makes both images the same size"


@pytest.mark.parametrize(
    ("left", "top", "white"),
    [(0, 0, {(0, 0), (1, 0), (0, 1), (1, 1)}), (-1, -1, {(0, 0)}), (2, 2, {(2, 2)}), (3, 0, set()), (-2, 0, set())],
)
def test_parts_of_a_pasted_image_beyond_the_edges_are_cropped(left: int, top: int, white: set[tuple[int, int]]) -> None:
    pasted = np.asarray(blending.paste(Image.new("L", (3, 3)), Image.new("L", (2, 2), 255), left=left, top=top))
    assert {(int(column), int(row)) for row, column in zip(*np.nonzero(pasted), strict=True)} == white


def test_an_image_is_pasted_only_where_the_mask_is_white() -> None:
    mask = Image.fromarray(np.array([[0, 51, 255]], np.uint8))
    pasted = blending.paste(Image.new("L", (3, 1), 100), Image.new("L", (3, 1), 200), mask=mask)
    assert list(np.asarray(pasted)[0]) == [100, 120, 200]


def test_a_mask_is_applied_at_the_position_of_the_pasted_image() -> None:
    mask = Image.fromarray(np.array([[255, 0, 255]], np.uint8))
    pasted = blending.paste(Image.new("L", (3, 1)), Image.new("L", (3, 1), 9), left=-1, mask=mask)
    assert list(np.asarray(pasted)[0]) == [0, 9, 0]


def test_a_mask_whose_size_differs_from_that_of_the_image_is_refused() -> None:
    with pytest.raises(BadImageInput, match="the mask is 2x2, but the image is 3x3"):
        blending.paste(Image.new("L", (9, 9)), Image.new("L", (3, 3)), mask=Image.new("L", (2, 2)))


def test_pasting_changes_neither_image(make_image: Maker) -> None:
    below, above = make_image("RGB"), make_image("RGBA", 9, 9)
    before = below.tobytes(), above.tobytes()
    blending.paste(below, above, left=3)
    assert (below.tobytes(), above.tobytes()) == before
