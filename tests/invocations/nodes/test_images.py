"""Nodes that edit images: thin wrappers around functions of the core, which are tested separately."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.invocation import Invocation
from invocations.nodes import adjust, compare, composing, filters, geometry, masks, upscale
from invocations.services.errors import ServiceError
from invocations.values import ImageRef, MaskRef
from tests.invocations.refusals import coded

CASES: list[tuple[type[Invocation], dict[str, Any], tuple[int, int], str]] = [
    (geometry.Resize, {"width": 4}, (4, 2), "RGBA"),
    (geometry.Resize, {"width": 6, "height": 6, "fit": "cover"}, (6, 6), "RGBA"),
    (geometry.Scale, {}, (32, 16), "RGBA"),
    (geometry.Scale, {"factor": 0.5, "method": "nearest"}, (8, 4), "RGBA"),
    (geometry.Crop, {"width": 5, "height": 3}, (5, 3), "RGBA"),
    (geometry.Pad, {"all": 1}, (18, 10), "RGBA"),
    (geometry.Pad, {"all": 1, "left": 4, "surround": "edge"}, (21, 10), "RGBA"),
    (geometry.Rotate, {"degrees": 90}, (8, 16), "RGBA"),
    (geometry.Rotate, {"degrees": 30, "expand": False}, (16, 8), "RGBA"),
    (geometry.Flip, {}, (16, 8), "RGBA"),
    (filters.Blur, {}, (16, 8), "RGBA"),
    (filters.Sharpen, {}, (16, 8), "RGBA"),
    (adjust.Brightness, {"factor": 2}, (16, 8), "RGBA"),
    (adjust.Contrast, {"factor": 2}, (16, 8), "RGBA"),
    (adjust.Saturation, {"factor": 2}, (16, 8), "RGBA"),
    (adjust.Hue, {"degrees": 60}, (16, 8), "RGBA"),
    (adjust.Grayscale, {}, (16, 8), "LA"),
    (adjust.Invert, {}, (16, 8), "RGBA"),
    (upscale.Upscale, {}, (32, 16), "RGBA"),
    (upscale.Upscale, {"scale": 1.5, "method": "lanczos"}, (24, 12), "RGBA"),
]


@pytest.mark.parametrize(("node", "inputs", "size", "mode"), CASES)
def test_each_node_that_edits_an_image_returns_an_image_of_the_expected_size_and_mode(
    node: type[Invocation], inputs: dict[str, Any], size: tuple[int, int], mode: str, context: Any, image: ImageRef
) -> None:
    made = node(image=image, **inputs).invoke(context).image  # type: ignore[attr-defined]
    assert (type(made), made.width, made.height) == (ImageRef, *size)
    assert (context.images.get(made).size, context.images.get(made).mode) == (size, mode)


def test_flipping_swaps_the_left_and_right_sides(context: Any, image: ImageRef) -> None:
    made = geometry.Flip(image=image).invoke(context).image
    assert context.images.get(made).getpixel((15, 0)) == (255, 0, 0, 255)


def test_padding_returns_a_mask_of_the_new_area(context: Any, image: ImageRef) -> None:
    made = geometry.Pad(image=image, all=0, right=2, color="white").invoke(context)
    assert (type(made.mask), made.mask.width) == (MaskRef, 18)
    mask, picture = context.images.get(made.mask), context.images.get(made.image)
    assert [mask.getpixel((15, 0)), mask.getpixel((16, 0))] == [0, 255]
    assert picture.getpixel((17, 7)) == (255, 255, 255, 255)


@pytest.mark.parametrize(
    ("node", "inputs", "left", "right"),
    [
        (masks.MaskFromAlpha, {}, 0, 255),
        (masks.MaskFromAlpha, {"opaque": True}, 255, 0),
        (masks.MaskThreshold, {"level": 0.2}, 255, 0),
        (masks.MaskThreshold, {"level": 0.9}, 0, 0),
    ],
)
def test_a_mask_is_created_from_the_alpha_or_brightness_of_an_image(
    node: type[Invocation], inputs: dict[str, Any], left: int, right: int, context: Any, image: ImageRef
) -> None:
    made = node(image=image, **inputs).invoke(context).mask  # type: ignore[attr-defined]
    mask = context.images.get(made)
    assert (type(made), mask.mode) == (MaskRef, "L")
    assert (mask.getpixel((0, 0)), mask.getpixel((15, 0))) == (left, right)


@pytest.mark.parametrize(
    ("node", "inputs", "column", "value"),
    [
        (masks.MaskInvert, {}, 0, 0),
        (masks.MaskGrow, {"pixels": 3}, 10, 255),
        (masks.MaskGrow, {"pixels": -3}, 6, 0),
        (masks.MaskFeather, {"radius": 0}, 7, 255),
    ],
)
def test_each_node_that_edits_a_mask_returns_a_changed_mask(
    node: type[Invocation], inputs: dict[str, Any], column: int, value: int, context: Any, image: ImageRef
) -> None:
    mask = masks.MaskFromAlpha(image=image, opaque=True).invoke(context).mask
    made = node(mask=mask, **inputs).invoke(context).mask  # type: ignore[attr-defined]
    assert isinstance(made, MaskRef)
    assert context.images.get(made).getpixel((column, 4)) == value


def test_an_image_can_be_used_as_a_mask(context: Any) -> None:
    white = context.images.put(Image.new("RGB", (4, 4), "white"))
    assert context.images.get(masks.MaskInvert(mask=white).invoke(context).mask).getpixel((0, 0)) == 0


def test_two_masks_can_be_united_or_intersected(context: Any, image: ImageRef) -> None:
    left = masks.MaskFromAlpha(image=image, opaque=True).invoke(context).mask
    right = masks.MaskFromAlpha(image=image).invoke(context).mask
    both = masks.MaskCombine(mask=left, other=right).invoke(context).mask
    none = masks.MaskCombine(mask=left, other=right, how="intersect").invoke(context).mask
    assert context.images.get(both).getextrema() == (255, 255)
    assert context.images.get(none).getextrema() == (0, 0)


def test_two_images_are_blended_in_the_given_mode(context: Any, image: ImageRef) -> None:
    white = context.images.put(Image.new("RGB", (16, 8), "white"))
    made = composing.Blend(image=white, other=image, mode="multiply").invoke(context).image
    picture = context.images.get(made)
    assert [picture.getpixel((0, 0)), picture.getpixel((15, 0))] == [(255, 0, 0), (255, 255, 255)]


def test_an_image_is_pasted_through_a_mask(context: Any, image: ImageRef) -> None:
    base = context.images.put(Image.new("RGB", (20, 8), "white"))
    mask = masks.MaskFromAlpha(image=image).invoke(context).mask
    plain = composing.Paste(image=base, other=image, left=2).invoke(context).image
    hidden = composing.Paste(image=base, other=image, left=2, mask=mask).invoke(context).image
    assert context.images.get(plain).getpixel((2, 0)) == (255, 0, 0)
    assert context.images.get(hidden).getextrema() == ((255, 255),) * 3


def test_comparing_two_images_returns_psnr_ssim_and_the_difference_image(context: Any, image: ImageRef) -> None:
    same = compare.Compare(image=image, other=image).invoke(context)
    assert (same.psnr, same.ssim) == (200.0, pytest.approx(1))
    other = compare.Compare(image=image, other=context.images.put(Image.new("RGB", (16, 8)))).invoke(context)
    assert other.psnr < 20
    assert context.images.get(other.image).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("node", "inputs", "message"),
    [
        (geometry.Resize, {}, "resize needs a width, a height, or both"),
        (geometry.Crop, {"width": 99, "height": 9}, "cannot crop 99x9 from an image of 16x8"),
        (geometry.Pad, {"all": 1, "color": "blu"}, "`blu` is not a color"),
        (geometry.Rotate, {"degrees": 3, "color": "#12"}, "`#12` is not a color"),
    ],
)
def test_an_impossible_operation_is_refused_with_a_message(
    node: type[Invocation], inputs: dict[str, Any], message: str, context: Any, image: ImageRef
) -> None:
    with pytest.raises(BadValue) as refused:
        node(image=image, **inputs).invoke(context)
    assert str(refused.value) == message
    assert refused.value.hint


def test_nodes_that_combine_two_images_refuse_images_of_different_sizes(context: Any, image: ImageRef) -> None:
    other = context.images.put(Image.new("L", (9, 9)))
    for node in (composing.Blend, compare.Compare):
        with pytest.raises(BadValue, match="16x8 and 9x9 cannot be"):
            node(image=image, other=other).invoke(context)
    with pytest.raises(BadValue, match="masks of 16x8 and 9x9 cannot be combined"):
        masks.MaskCombine(mask=image, other=other).invoke(context)
    with pytest.raises(BadValue, match="the mask is 9x9"):
        composing.Paste(image=image, other=image, mask=other).invoke(context)


def test_an_unknown_upscaler_is_refused(context: Any, image: ImageRef) -> None:
    with pytest.raises(ServiceError, check=coded("unknown_upscaler")):
        upscale.Upscale(image=image, method="magic").invoke(context)
