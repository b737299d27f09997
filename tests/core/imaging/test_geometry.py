"""Geometry: resize, crop, pad, rotate, flip."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.imaging import geometry
from core.imaging.errors import BadImageInput


@pytest.mark.parametrize(
    ("width", "height", "fit", "size"),
    [
        (20, None, "stretch", (20, 10)),
        (None, 5, "stretch", (10, 5)),
        (30, 30, "stretch", (30, 30)),
        (30, 30, "contain", (30, 15)),
        (30, 30, "cover", (30, 30)),
        (80, 10, "contain", (20, 10)),
        (80, 10, "cover", (80, 10)),
        (1, None, "stretch", (1, 1)),
        (40, None, "cover", (40, 20)),
    ],
)
def test_a_resized_image_has_the_requested_size(
    width: int | None, height: int | None, fit: geometry.Fit, size: tuple[int, int]
) -> None:
    assert geometry.resize(Image.new("RGB", (40, 20)), width, height, fit=fit).size == size


def test_resizing_to_cover_an_area_keeps_the_middle_of_the_image() -> None:
    image = Image.new("L", (30, 10))
    image.paste(255, (10, 0, 20, 10))
    assert np.asarray(geometry.resize(image, 10, 10, fit="cover")).min() == 255


def test_resizing_to_the_same_size_returns_the_same_image(any_image: Image.Image) -> None:
    assert geometry.resize(any_image, *any_image.size) is any_image


def test_colors_of_transparent_pixels_do_not_bleed_into_visible_ones() -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (4, 0, 8, 8))
    small = np.asarray(geometry.resize(image, 3, 3))
    assert small[small[..., 3] > 0][:, 0].max() == 0


def test_16_bit_images_are_resized_in_16_bits() -> None:
    deep = Image.fromarray(np.full((8, 8), 30001, np.uint16))
    assert set(np.unique(np.asarray(geometry.resize(deep, 5, 5)))) == {30001}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda image: geometry.resize(image, None, None), "needs a width, a height, or both"),
        (lambda image: geometry.resize(image, 40000, None), "an image cannot be 40000x20000"),
        (lambda image: geometry.resize(image, 30000, 30000), "an image cannot be 30000x30000"),
        (lambda image: geometry.scale(image, 0), "the scale factor must be above 0, not 0"),
        (lambda image: geometry.scale(image, 1e9), "an image cannot be"),
        (lambda image: geometry.crop(image, None, None, 41, 1), "cannot crop 41x1 from an image of 40x20"),
        (lambda image: geometry.crop(image, 35, 0, 10, 10), "reaches beyond the image of 40x20"),
        (lambda image: geometry.crop(image, -1, 0, 10, 10), "reaches beyond the image"),
        (lambda image: geometry.pad(image, left=40000), "an image cannot be 40040x20"),
        (lambda image: geometry.pad(image, left=1, color="blu"), "`blu` is not a color"),
    ],
)
def test_impossible_sizes_and_positions_are_refused_with_a_specific_message(call: object, words: str) -> None:
    with pytest.raises(BadImageInput, match=words):
        call(Image.new("RGB", (40, 20)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("left", "top", "first"),
    [(None, None, (5, 2)), (0, 0, (0, 0)), (7, None, (7, 2)), (None, 5, (5, 5))],
)
def test_a_crop_starts_at_the_given_position_or_is_centered(left: int | None, top: int | None, first: object) -> None:
    image = Image.fromarray(np.arange(200, dtype=np.uint8).reshape(10, 20))
    assert geometry.crop(image, left, top, 10, 5).getpixel((0, 0)) == image.getpixel(first)  # type: ignore[arg-type]


def test_padding_returns_the_padded_image_and_a_mask_of_the_new_area() -> None:
    image, mask = geometry.pad(Image.new("L", (2, 1), 9), left=1, top=1, right=2, color="white")
    assert np.array_equal(np.asarray(image), [[255] * 5, [255, 9, 9, 255, 255]])
    assert np.array_equal(np.asarray(mask), [[255] * 5, [255, 0, 0, 255, 255]])


@pytest.mark.parametrize(
    ("surround", "row"),
    [("edge", [1, 1, 1, 1, 2, 3, 3, 3]), ("mirror", [3, 2, 1, 1, 2, 3, 3, 2])],
)
def test_padding_can_fill_the_border_with_pixels_from_the_image(surround: geometry.Surround, row: list[int]) -> None:
    image = Image.fromarray(np.array([[1, 2, 3]], np.uint8))
    assert list(np.asarray(geometry.pad(image, left=3, right=2, surround=surround)[0])[0]) == row


def test_mirror_padding_wider_than_the_image_mirrors_it_repeatedly() -> None:
    image = Image.fromarray(np.array([[1, 2]], np.uint8))
    assert list(np.asarray(geometry.pad(image, left=6, surround="mirror")[0])[0]) == [2, 1, 1, 2, 2, 1, 1, 2]


@pytest.mark.parametrize(
    ("mode", "color", "result"),
    [
        ("L", "white", "L"),
        ("L", "red", "RGB"),
        ("L", "transparent", "LA"),
        ("RGB", "#00ff0080", "RGBA"),
        ("RGBA", "red", "RGBA"),
        ("LA", "red", "RGBA"),
        ("I;16", "white", "I;16"),
        ("I;16", "red", "RGB"),
    ],
)
def test_padding_uses_the_smallest_mode_that_can_hold_both_image_and_color(mode: str, color: str, result: str) -> None:
    assert geometry.pad(Image.new(mode, (3, 3)), left=1, color=color)[0].mode == result


def test_white_padding_of_a_16_bit_image_has_the_maximum_value() -> None:
    assert geometry.pad(Image.new("I;16", (3, 3)), left=1, color="white")[0].getpixel((0, 0)) == 65535


@pytest.mark.parametrize("degrees", [90, 180, 270, -90, 450])
def test_rotations_by_multiples_of_90_degrees_are_exact(any_image: Image.Image, degrees: float) -> None:
    turned = np.asarray(geometry.rotate(any_image, degrees))
    assert np.array_equal(turned, np.rot90(np.asarray(any_image), int(degrees // 90)))


def test_a_full_rotation_changes_nothing(any_image: Image.Image) -> None:
    assert geometry.rotate(any_image, 720) is any_image


def test_rotating_by_other_angles_leaves_transparent_corners() -> None:
    turned = geometry.rotate(Image.new("RGB", (40, 40), "red"), 45)
    assert turned.mode == "RGBA"
    assert turned.width >= 56
    assert turned.getpixel((0, 0))[3] == 0  # type: ignore[index]
    assert turned.getpixel((turned.width // 2, turned.height // 2)) == (255, 0, 0, 255)


@pytest.mark.parametrize("expand", [True, False])
def test_a_rotated_image_keeps_its_size_if_expand_is_off(expand: bool) -> None:
    turned = geometry.rotate(Image.new("RGB", (40, 30), "red"), 20, expand=expand, color="white")
    assert (turned.mode, turned.size == (40, 30)) == ("RGB", not expand)
    assert turned.getpixel((0, 0)) == (255, 255, 255)


def test_transparency_survives_a_rotation_with_a_fill_color() -> None:
    turned = geometry.rotate(Image.new("RGBA", (40, 40)), 10, color="red")
    assert turned.getpixel((turned.width // 2, turned.height // 2))[3] == 0  # type: ignore[index]
    assert turned.getpixel((0, 0)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("horizontal", [[2, 1], [4, 3]]), ("vertical", [[3, 4], [1, 2]]), ("both", [[4, 3], [2, 1]])],
)
def test_an_image_is_mirrored_in_the_given_direction(direction: geometry.Direction, expected: list[list[int]]) -> None:
    image = Image.fromarray(np.array([[1, 2], [3, 4]], np.uint8))
    assert np.array_equal(np.asarray(geometry.flip(image, direction)), expected)
