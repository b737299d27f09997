"""Resize, scale, crop, pad, rotate and flip images; colors are weighted by alpha wherever pixels are mixed."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image

from .colors import Fill, fill_for
from .errors import BadImageInput
from .modes import premultiplied, to_mode
from .sizes import Fit, check_size, corner, resized, scaled

Method = Literal["lanczos", "bicubic", "bilinear", "box", "nearest"]
Direction = Literal["horizontal", "vertical", "both"]
Surround = Literal["color", "edge", "mirror"]

RESAMPLING = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
    "nearest": Image.Resampling.NEAREST,
}
QUARTERS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
FLIPS = {
    "horizontal": Image.Transpose.FLIP_LEFT_RIGHT,
    "vertical": Image.Transpose.FLIP_TOP_BOTTOM,
    "both": Image.Transpose.ROTATE_180,
}


def resize(
    image: Image.Image,
    width: int | None,
    height: int | None,
    *,
    fit: Fit = "stretch",
    method: Method = "lanczos",
) -> Image.Image:
    """Resize the image to a size in pixels; if only one side is passed, the aspect ratio is kept.

    With both sides, `stretch` distorts, `contain` fits within the size, `cover` fills it and crops the rest.
    """
    if fit != "cover" or width is None or height is None:
        return _resample(image, resized(image.size, width, height, fit=fit), method)
    factor = max(width / image.width, height / image.height)
    size = (max(width, round(image.width * factor)), max(height, round(image.height * factor)))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return _resample(image, size, method).crop((left, top, left + width, top + height))


def scale(image: Image.Image, factor: float, *, method: Method = "lanczos") -> Image.Image:
    """Resize the image to `factor` times its width and height."""
    if factor <= 0:
        raise BadImageInput(f"the scale factor must be above 0, not {factor:g}")
    return _resample(image, scaled(image.size, factor), method)


def crop(image: Image.Image, left: int | None, top: int | None, width: int, height: int) -> Image.Image:
    """Crop the image to this size at (left, top); None centers the crop along that axis."""
    left, top = corner(image.size, left, top, width, height)
    return image.crop((left, top, left + width, top + height))


def pad(
    image: Image.Image,
    *,
    left: int = 0,
    top: int = 0,
    right: int = 0,
    bottom: int = 0,
    surround: Surround = "color",
    color: str = "black",
) -> tuple[Image.Image, Image.Image]:
    """Return the image with a border, and a mask (L) that is white on the border."""
    size = (left + image.width + right, top + image.height + bottom)
    check_size(size)
    mask = Image.new("L", size, 255)
    mask.paste(0, (left, top, left + image.width, top + image.height))
    if surround == "color":
        mode, fill = fill_for(image.mode, color)
        padded = Image.new(mode, size, fill)
        padded.paste(to_mode(image, mode), (left, top))
        return padded, mask
    rows = _repeated(image.height, top, bottom, surround)
    columns = _repeated(image.width, left, right, surround)
    return Image.fromarray(np.ascontiguousarray(np.asarray(image)[rows][:, columns])), mask


def rotate(image: Image.Image, degrees: float, *, expand: bool = True, color: str = "transparent") -> Image.Image:
    """Rotate the image counterclockwise; quarter turns are exact, other angles fill the corners with a color."""
    degrees %= 360
    if degrees == 0:
        return image
    if degrees in QUARTERS and (expand or degrees == 180 or image.width == image.height):
        return image.transpose(QUARTERS[int(degrees)])
    mode, fill = fill_for(image.mode, color)
    return premultiplied(to_mode(image, mode), lambda part: _turn(part, degrees, expand, fill))


def flip(image: Image.Image, direction: Direction) -> Image.Image:
    """Mirror the image left to right (horizontal), top to bottom (vertical), or both."""
    return image.transpose(FLIPS[direction])


def _resample(image: Image.Image, size: tuple[int, int], method: Method) -> Image.Image:
    check_size(size)
    if size == image.size:
        return image
    if method == "nearest":
        return image.resize(size, RESAMPLING[method])
    return premultiplied(image, lambda part: part.resize(size, RESAMPLING[method]))


def _turn(part: Image.Image, degrees: float, expand: bool, fill: Fill) -> Image.Image:
    """Rotate a premultiplied image; a temporary border in the fill color smooths the edges."""
    if isinstance(fill, tuple) and part.mode in ("La", "RGBa"):
        fill = (*(round(channel * fill[-1] / 255) for channel in fill[:-1]), fill[-1])
    rimmed = Image.new(part.mode, (part.width + 2, part.height + 2), fill)
    rimmed.paste(part, (1, 1))
    turned = rimmed.rotate(degrees, Image.Resampling.BICUBIC, expand=expand, fillcolor=fill)
    return turned.crop((1, 1, turned.width - 1, turned.height - 1))


def _repeated(length: int, before: int, after: int, surround: Surround) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return, for each row (or column) of the padded image, the index of the original row that it copies."""
    places = np.arange(-before, length + after, dtype=np.intp)
    if surround == "edge":
        return np.clip(places, 0, length - 1)
    places = np.mod(places, 2 * length)
    return np.where(places < length, places, 2 * length - 1 - places)
