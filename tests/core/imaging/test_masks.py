"""Creating, combining, growing and feathering masks."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.imaging import masks
from core.imaging.errors import BadImageInput


def dot(size: int = 21) -> Image.Image:
    mask = Image.new("L", (size, size))
    mask.putpixel((size // 2, size // 2), 255)
    return mask


@pytest.mark.parametrize("radius", [0, 1, 2, 5, 9])
def test_growing_a_mask_dilates_its_white_area_by_a_disc(radius: int) -> None:
    across = np.arange(21) - 10
    disc = across[:, None] ** 2 + across[None] ** 2 <= radius**2
    assert np.array_equal(np.asarray(masks.grow(dot(), radius)) > 0, disc)


def test_shrinking_a_mask_dilates_its_black_area() -> None:
    mask = masks.invert(dot())
    assert masks.grow(mask, -4).tobytes() == masks.invert(masks.grow(dot(), 4)).tobytes()


def test_growing_a_mask_beyond_all_edges_fills_it() -> None:
    mask = Image.new("L", (5, 3))
    mask.putpixel((0, 0), 255)
    assert np.asarray(masks.grow(mask, 500)).min() == 255


def test_growing_a_mask_preserves_gray_values() -> None:
    mask = Image.new("L", (9, 9))
    mask.putpixel((4, 4), 77)
    assert set(np.unique(np.asarray(masks.grow(mask, 2)))) == {0, 77}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("union", [255, 255, 255, 0]),
        ("intersect", [255, 0, 0, 0]),
        ("subtract", [0, 255, 0, 0]),
        ("differ", [0, 255, 255, 0]),
    ],
)
def test_two_masks_are_combined_by_each_operation(how: masks.Combination, expected: list[int]) -> None:
    first = Image.fromarray(np.array([[255, 255, 0, 0]], np.uint8))
    second = Image.fromarray(np.array([[255, 0, 255, 0]], np.uint8))
    assert list(np.asarray(masks.combine(first, second, how))[0]) == expected


def test_masks_of_different_sizes_are_refused() -> None:
    with pytest.raises(BadImageInput, match="masks of 3x3 and 4x4 cannot be combined"):
        masks.combine(Image.new("L", (3, 3)), Image.new("L", (4, 4)), "union")


@pytest.mark.parametrize(("opaque", "value"), [(False, 255), (True, 0)])
def test_a_mask_made_from_alpha_marks_transparent_or_opaque_pixels(opaque: bool, value: int) -> None:
    assert masks.from_alpha(Image.new("RGBA", (1, 1)), opaque=opaque).getpixel((0, 0)) == value
    assert masks.from_alpha(Image.new("RGB", (1, 1)), opaque=opaque).getpixel((0, 0)) == 255 - value


@pytest.mark.parametrize(("grey", "white"), [(127, False), (128, True), (255, True), (0, False)])
def test_a_pixel_equal_to_the_threshold_becomes_white(grey: int, white: bool) -> None:
    assert (masks.threshold(Image.new("L", (1, 1), grey), 128 / 255).getpixel((0, 0)) == 255) == white


def test_16_bit_images_are_thresholded_in_16_bits() -> None:
    deep = Image.fromarray(np.array([[32767, 32769]], np.uint16))
    assert list(np.asarray(masks.threshold(deep, 32768 / 65535))[0]) == [0, 255]


def test_a_mask_made_from_an_image_holds_the_luminance_and_is_black_at_transparent_pixels() -> None:
    assert masks.as_mask(Image.new("RGBA", (1, 1), (255, 255, 255, 0))).getpixel((0, 0)) == 0
    assert masks.as_mask(Image.new("RGB", (1, 1), (0, 255, 0))).getpixel((0, 0)) == 182


def test_feathering_softens_only_the_edge() -> None:
    mask = Image.new("L", (40, 4))
    mask.paste(255, (20, 0, 40, 4))
    row = np.asarray(masks.feather(mask, 2))[2]
    assert (row[0], row[39]) == (0, 255)
    assert 0 < row[19] < row[20] < 255
