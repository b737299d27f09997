"""Comparing two stored images."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.services.images.comparing import Likeness, compare, difference
from invocations.services.images.local import LocalImages


def test_images_with_equal_pixels_are_equal_even_if_their_modes_differ(
    images: LocalImages, picture: Callable[..., Image.Image]
) -> None:
    image = images.put(picture())
    assert compare(images, image, images.put(picture())) == Likeness(equal=True)
    assert compare(images, image, images.put(picture().convert("RGBA"))) == Likeness(equal=True)


def test_the_distance_between_different_images_is_measured(images: LocalImages) -> None:
    black, gray = (images.put(Image.new("RGB", (4, 4), color)) for color in ("black", (51, 51, 51)))
    assert compare(images, black, gray) == Likeness(equal=False, psnr=13.98)


def test_the_distance_between_images_of_different_sizes_is_not_measured(images: LocalImages) -> None:
    first, second = (images.put(Image.new("RGB", (side, 4))) for side in (4, 5))
    assert compare(images, first, second) == Likeness(equal=False, reason="different sizes (4x4 and 5x4)")


def test_the_difference_of_two_images_is_an_image(images: LocalImages) -> None:
    first, second = (images.put(Image.new("RGB", (4, 4), color)) for color in ((9, 0, 0), (0, 0, 5)))
    assert images.get(difference(images, first, second)).getpixel((1, 1)) == (9, 0, 5)
    assert images.get(difference(images, first, first)).getpixel((1, 1)) == (0, 0, 0)


def test_images_of_different_sizes_have_no_difference(images: LocalImages) -> None:
    first, second = (images.put(Image.new("RGB", (side, 4))) for side in (4, 5))
    with pytest.raises(BadValue, match="4x4 and 5x4"):
        difference(images, first, second)
