"""Styles: filters that turn a flat drawing into a pencil sketch, pixel art, neon or a watercolor."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

STYLES: dict[str, tuple[str, ...]] = {
    "sketch": ("as a pencil sketch", "pencil sketch"),
    "pixel": ("pixel art", "as pixel art"),
    "neon": ("neon", "in neon"),
    "watercolor": ("watercolor", "as a watercolor"),
}


def styled(image: Image.Image, style: str, rng: random.Random) -> Image.Image:
    """Return the image redrawn in a style."""
    if style == "pixel":
        small = image.resize((image.width // 4, image.height // 4), Image.Resampling.BOX)
        return small.resize(image.size, Image.Resampling.NEAREST)
    if style == "watercolor":
        soft = image.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(0.8))
        return Image.blend(soft, Image.new("RGB", image.size, (252, 248, 240)), 0.35)
    edges = image.filter(ImageFilter.FIND_EDGES).convert("L").point(lambda value: min(255, value * 2))
    edges = ImageOps.crop(edges, 1).resize(image.size)
    if style == "sketch":
        tone = image.convert("L").point(lambda value: 205 + value // 5)
        return ImageOps.colorize(
            ImageChops.subtract(tone, edges.point(lambda value: value * 3 // 4)), (40, 40, 44), (252, 250, 244)
        )
    glow = ImageChops.multiply(image.filter(ImageFilter.MaxFilter(3)), edges.convert("RGB"))
    return ImageChops.screen(glow, glow.filter(ImageFilter.GaussianBlur(2)))
