"""The five image modes that the core uses, and conversions between them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.imaging import adjust as colors
from core.imaging import blend, filters, geometry, grid, masks, measure, modes

SIZE = (4, 3)


def palette(transparent: bool) -> Image.Image:
    image = Image.new("P", SIZE, 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((0, 0), 0)
    if transparent:
        image.info["transparency"] = 0
    return image


@pytest.mark.parametrize(
    ("given", "mode", "pixel"),
    [
        (Image.new("1", SIZE, 1), "L", 255),
        (palette(False), "RGB", (255, 0, 0)),
        (palette(True), "RGBA", (255, 0, 0, 0)),
        (Image.new("CMYK", SIZE, (0, 255, 255, 0)), "RGB", (255, 0, 0)),
        (Image.new("YCbCr", SIZE, (255, 128, 128)), "RGB", (255, 255, 255)),
        (Image.new("HSV", SIZE, (0, 0, 128)), "RGB", (128, 128, 128)),
        (Image.new("I", SIZE, 70000), "I;16", 65535),
        (Image.new("I", SIZE, -5), "I;16", 0),
        (Image.new("F", SIZE, 0.5), "I;16", 32768),
        (Image.new("F", SIZE, 300.0), "I;16", 300),
        (Image.fromarray(np.full((3, 4), np.nan, np.float32)), "I;16", 0),
        (Image.new("RGBX", SIZE, (1, 2, 3, 9)), "RGB", (1, 2, 3)),
        (Image.new("RGBa", SIZE, (10, 20, 30, 255)), "RGBA", (10, 20, 30, 255)),
        (Image.new("La", SIZE, (10, 255)), "LA", (10, 255)),
        (Image.new("PA", SIZE, (0, 9)), "RGBA", (0, 0, 0, 9)),
    ],
)
def test_an_image_in_any_pillow_mode_is_converted_to_one_of_the_five_supported_modes(
    given: Image.Image, mode: str, pixel: object
) -> None:
    made = modes.normalize(given)
    assert (made.mode, made.size, made.info) == (mode, SIZE, {})
    assert made.getpixel((0, 0)) == pixel


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pixels_of_a_color_declared_transparent_get_an_alpha_of_zero(mode: str) -> None:
    image = Image.new(mode, SIZE, 7 if mode == "L" else (7, 7, 7))
    image.info["transparency"] = 7 if mode == "L" else (7, 7, 7)
    made = modes.normalize(image)
    assert made.mode == mode.replace("L", "LA").replace("RGB", "RGBA")
    assert np.asarray(made)[..., -1].max() == 0


def test_conversion_to_floats_and_back_is_lossless(any_image: Image.Image) -> None:
    back = modes.from_floats(modes.to_floats(any_image), any_image.mode)
    assert back.mode == any_image.mode
    assert back.tobytes() == any_image.tobytes()


@pytest.mark.parametrize("mode", modes.MODES)
def test_every_mode_can_be_converted_to_every_other_mode(any_image: Image.Image, mode: str) -> None:
    assert modes.to_mode(any_image, mode).mode == mode


def test_16_bit_values_are_rounded_to_8_bits() -> None:
    deep = Image.fromarray(np.array([[0, 128, 129, 257 * 100, 65535]], np.uint16))
    assert list(np.asarray(modes.eight_bit(deep))[0]) == [0, 0, 1, 100, 255]


def test_splitting_and_joining_alpha_is_lossless(any_image: Image.Image) -> None:
    color, alpha = modes.split_alpha(any_image)
    assert (alpha is not None) == modes.has_alpha(any_image)
    assert modes.join_alpha(color, alpha).tobytes() == any_image.tobytes()


@pytest.mark.parametrize(
    ("given", "least"),
    [
        (("L", "L"), "L"),
        (("L", "RGBA"), "RGBA"),
        (("LA", "RGB"), "RGBA"),
        (("I;16", "I;16"), "I;16"),
        (("I;16", "L"), "L"),
        (("LA", "L"), "LA"),
    ],
)
def test_the_common_mode_is_the_smallest_one_that_can_hold_all_images(given: tuple[str, ...], least: str) -> None:
    assert modes.common_mode(*(Image.new(mode, SIZE) for mode in given)) == least


OPERATIONS = {
    "resize": lambda image: geometry.resize(image, 20, None),
    "resize nearest": lambda image: geometry.resize(image, 20, 9, method="nearest"),
    "scale": lambda image: geometry.scale(image, 1.7),
    "crop": lambda image: geometry.crop(image, None, None, 10, 10),
    "pad": lambda image: geometry.pad(image, left=3, top=2)[0],
    "pad edge": lambda image: geometry.pad(image, left=3, top=2, surround="edge")[0],
    "pad mirror": lambda image: geometry.pad(image, left=90, top=2, surround="mirror")[0],
    "rotate": lambda image: geometry.rotate(image, 12, color="black"),
    "flip": lambda image: geometry.flip(image, "both"),
    "blur": lambda image: filters.blur(image, 2),
    "sharpen": lambda image: filters.sharpen(image, 1),
    "brightness": lambda image: colors.brightness(image, 1.5),
    "contrast": lambda image: colors.contrast(image, 1.5),
    "saturation": lambda image: colors.saturation(image, 1.5),
    "hue": lambda image: colors.hue(image, 90),
    "invert": colors.invert,
    "blend": lambda image: blend.blend(image, image, mode="screen"),
    "paste": lambda image: blend.paste(image, image, left=4),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_keeps_the_mode_and_does_not_modify_its_input(name: str, any_image: Image.Image) -> None:
    before = any_image.tobytes()
    assert OPERATIONS[name](any_image).mode == any_image.mode
    assert any_image.tobytes() == before


@pytest.mark.parametrize("name", ["sharpen", "brightness", "contrast", "saturation", "hue", "invert"])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_color_operations_leave_alpha_unchanged(name: str, mode: str, make_image: object) -> None:
    image = make_image(mode)  # type: ignore[operator]
    changed = OPERATIONS[name](image)
    assert modes.split_alpha(changed)[1].tobytes() == modes.split_alpha(image)[1].tobytes()


def test_images_in_every_mode_can_be_compared_masked_and_put_in_a_grid(any_image: Image.Image) -> None:
    assert measure.ssim(any_image, any_image) == pytest.approx(1)
    assert masks.threshold(any_image, 0.5).mode == masks.from_alpha(any_image).mode == "L"
    assert grid.contact_sheet([any_image, any_image]).mode == "RGB"
    assert colors.grayscale(any_image).mode in ("L", "LA", "I;16")
