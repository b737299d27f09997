"""Predict the size of the images and latents that a node makes, from the inputs that are known.

A node names one of these functions, or another function as `module:function`, in `output_size`. They raise Unknown if
the size is only known while the line runs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.imaging.sizes import resized, scaled

from .known import Known, Size, Unknown

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

MAX_GROWTH = 2  # at larger sizes, models begin to repeat the subject


def of_image(known: Known) -> Size:
    """The size of the input `image`."""
    return known.size("image")


def of_mask(known: Known) -> Size:
    """The size of the input `mask`."""
    return known.size("mask")


def of_latents(known: Known) -> Size:
    """The size of the input `latents`."""
    return known.size("latents")


def of_noise(known: Known) -> Size:
    """The size of the input `noise`."""
    return known.size("noise")


def of_other(known: Known) -> Size:
    """The size of the input `other`."""
    return known.size("other")


def of_file(known: Known) -> Size:
    """The size of the image file that `source` names."""
    return known.file(known.value("source"))


def started(known: Known) -> Size:
    """The size of noise: the given width and height or, if omitted, the size of the latents or of the model."""
    width, height = known.value("width"), known.value("height")
    if width and height:
        return width, height
    if known.is_set("latents"):
        size = known.size("latents")
    else:
        size = known.model().width, known.model().height
    return width or size[0], height or size[1]


def fitted(known: Known) -> Size:
    """The size after `fit`."""
    return fitting(known.size("image"), known.value("width"), known.value("height"), known.model())


def fitting(size: Size, width: int | None, height: int | None, settings: ModelSettings) -> Size:
    """Return the nearest supported size; if no size is requested, limit it to MAX_GROWTH times the model's pixels."""
    proportion = size[0] / size[1]
    if width is None and height is None:
        factor = min(1.0, math.sqrt(MAX_GROWTH * settings.width * settings.height / (size[0] * size[1])))
        wanted = (size[0] * factor, size[1] * factor)
    else:
        wanted = (width or (height or 1) * proportion, height or (width or 1) / proportion)
    return (_nearest(wanted[0], settings.multiple), _nearest(wanted[1], settings.multiple))


def _nearest(pixels: float, multiple: int) -> int:
    return max(multiple, math.floor(pixels / multiple + 0.5) * multiple)


def resize(known: Known) -> Size:
    """The size after `resize`."""
    return resized(known.size("image"), known.value("width"), known.value("height"), fit=known.value("fit"))


def scale(known: Known) -> Size:
    """The size after `scale`."""
    return scaled(known.size("image"), known.value("factor"))


def upscale(known: Known) -> Size:
    """The size after `upscale`."""
    return scaled(known.size("image"), known.value("scale"))


def crop(known: Known) -> Size:
    """The size after `crop`."""
    return known.value("width"), known.value("height")


def pad(known: Known) -> Size:
    """The size after `pad`."""
    width, height = known.size("image")
    left, top, right, bottom = sides(known)
    return left + width + right, top + height + bottom


def sides(known: Known) -> tuple[int, int, int, int]:
    """Return the pixels that `pad` adds at the left, top, right and bottom."""
    every = known.value("all")
    left, top, right, bottom = (
        every if known.value(side) is None else known.value(side) for side in ("left", "top", "right", "bottom")
    )
    return left, top, right, bottom


def rotate(known: Known) -> Size:
    """The size after `rotate`, which is unknown if the image is enlarged, except after quarter turns."""
    width, height = known.size("image")
    degrees = known.value("degrees") % 360
    if not known.value("expand") or degrees in (0, 180):
        return width, height
    if degrees in (90, 270):
        return height, width
    raise Unknown
