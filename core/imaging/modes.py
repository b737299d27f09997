"""The five image modes used between operations (L, LA, RGB, RGBA, I;16), and conversions.

numpy is imported by the functions that compute with it: reading and writing 8-bit images does not need it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MODES = ("L", "LA", "RGB", "RGBA", "I;16")
DEEP = "I;16"
DEEP_WHITE = 65535
PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}


def normalize(image: Image.Image) -> Image.Image:
    """Convert the image to one of the five modes and drop its metadata; palette images become color or gray."""
    return without_info(_in_five_modes(image))


def without_info(image: Image.Image) -> Image.Image:
    """Return the image without metadata; the pixels are shared, because a copy of 64 megapixels takes 256 MB."""
    if not image.info and type(image) is Image.Image:
        return image
    image.load()
    bare = image._new(image.im)
    bare.info = {}
    return bare


def has_alpha(image: Image.Image) -> bool:
    """Return True if the image has an alpha channel."""
    return image.mode in ("LA", "RGBA")


def split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the color channels (L, RGB or I;16) and the alpha channel (L), which is None if there is none."""
    if image.mode == "LA":
        return image.getchannel(0), image.getchannel(1)
    if image.mode == "RGBA":
        return image.convert("RGB"), image.getchannel(3)
    return image, None


def join_alpha(color: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """Add an alpha channel (L) to an image without one; 16 bits become 8, as no mode combines 16 bits with alpha."""
    if alpha is None:
        return color
    joined = eight_bit(color).copy()
    joined.putalpha(alpha)
    return joined


def with_alpha(image: Image.Image) -> Image.Image:
    """Return the image with an alpha channel, opaque if it had none."""
    return image if has_alpha(image) else join_alpha(image, Image.new("L", image.size, 255))


def eight_bit(image: Image.Image) -> Image.Image:
    """Convert a 16-bit image to 8 bits, with rounding; other images are returned unchanged."""
    if image.mode != DEEP:
        return image
    import numpy as np

    return Image.fromarray(((np.asarray(image).astype(np.uint32) + 128) // 257).astype(np.uint8))


def to_color(image: Image.Image) -> Image.Image:
    """Convert the image to RGB or RGBA."""
    return eight_bit(image).convert("RGBA" if has_alpha(image) else "RGB")


def flatten(image: Image.Image, background: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """Return the image without alpha, over a background."""
    if not has_alpha(image):
        return image
    base = Image.new("RGBA", image.size, (*background, 255))
    flat = Image.alpha_composite(base, image.convert("RGBA"))
    return flat.convert("L" if image.mode == "LA" and len(set(background)) == 1 else "RGB")


def common_mode(*images: Image.Image) -> str:
    """Return the smallest of the five modes that can hold all images; it has 16 bits only if all of them do."""
    if all(image.mode == DEEP for image in images):
        return DEEP
    color = any(image.mode in ("RGB", "RGBA") for image in images)
    alpha = any(has_alpha(image) for image in images)
    return ("RGB" if color else "L") + ("A" if alpha else "")


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert the image to another of the five modes."""
    if image.mode == mode:
        return image
    if mode == DEEP:
        return from_floats(to_floats(flatten(image).convert("L")), DEEP)
    return eight_bit(image).convert(mode)


def to_floats(image: Image.Image) -> Floats:
    """Return the pixels as floats (h, w, channels) in [0, 1]."""
    import numpy as np

    white = DEEP_WHITE if image.mode == DEEP else 255
    pixels = np.asarray(image).astype(np.float32) / np.float32(white)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def from_floats(pixels: Floats, mode: str) -> Image.Image:
    """Convert floats (h, w, channels) in [0, 1] to an image, clipped and rounded."""
    import numpy as np

    white, kind = (DEEP_WHITE, np.uint16) if mode == DEEP else (255, np.uint8)
    whole = np.rint(np.clip(pixels, 0, 1) * np.float32(white)).astype(kind)
    return Image.fromarray(np.ascontiguousarray(whole[:, :, 0] if whole.shape[2] == 1 else whole))


def premultiplied(image: Image.Image, work: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Apply `work`, which mixes neighboring pixels, with premultiplied alpha; 16-bit images are passed as floats."""
    if image.mode == DEEP:
        import numpy as np

        return _deep_again(work(Image.fromarray(np.asarray(image).astype(np.float32))))
    if image.mode in PREMULTIPLIED:
        return work(image.convert(PREMULTIPLIED[image.mode])).convert(image.mode)
    return work(image)


def _deep_again(image: Image.Image) -> Image.Image:
    import numpy as np

    return Image.fromarray(np.rint(np.clip(np.asarray(image), 0, DEEP_WHITE)).astype(np.uint16))


def _in_five_modes(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA" if image.mode == "RGB" else "LA")
    if image.mode in MODES:
        return image
    if image.mode in ("I", "I;16B", "I;16L", "I;16N", "F"):
        return _deep(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA"):
        transparent = image.mode == "PA" or "transparency" in image.info
        return image.convert("RGBA" if transparent else "RGB")
    if image.mode in ("La", "RGBa"):
        return image.convert("LA" if image.mode == "La" else "RGBA")
    return image.convert("RGB")  # the mode is CMYK, YCbCr, LAB, HSV or RGBX


def _deep(image: Image.Image) -> Image.Image:
    """Convert a gray image of more than 8 bits to 16 bits; floats in [0, 1] run from black to white."""
    import numpy as np

    pixels = np.asarray(image)
    if pixels.dtype.kind == "f":
        pixels = np.nan_to_num(pixels)
        if pixels.max(initial=0) <= 1:
            pixels = pixels * DEEP_WHITE
    return Image.fromarray(np.rint(np.clip(pixels, 0, DEEP_WHITE)).astype(np.uint16))
