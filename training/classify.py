"""Recognize what an image shows from its pixels alone: the background, and each object's color, shape and position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from training.draw_pen import COLORS, Canvas
from training.draw_shapes import SHAPES

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The two closest palette colors, red and orange, are 96 apart in RGB; half that distance tells any two colors apart.
STANDS_OUT = 48.0
TEMPLATE = 40
LEAST_SHARE, LEAST_OF_LARGEST = 0.004, 0.2


@dataclass(frozen=True)
class Seen:
    """One object: its color, its shape, how well the shape fits (0 to 1), its center as fractions of the image size."""

    color: str
    shape: str
    fit: float
    x: float
    y: float
    area: float


@dataclass(frozen=True)
class Facts:
    """What was recognized in an image with a plain background."""

    background: str
    objects: tuple[Seen, ...]


def nearest_color(rgb: Array) -> str:
    """Return the name of the palette color nearest to an RGB value."""
    names = list(COLORS)
    table = np.array([COLORS[name] for name in names], dtype=np.float32)
    return names[int(np.square(table - rgb).sum(1).argmin())]


def look(image: Image.Image) -> Facts:
    """Find the background and the objects of an image."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
    height, width = pixels.shape[:2]
    border = np.concatenate(
        [
            pixels[:3].reshape(-1, 3),
            pixels[-3:].reshape(-1, 3),
            pixels[:, :3].reshape(-1, 3),
            pixels[:, -3:].reshape(-1, 3),
        ]
    )
    ground = np.median(border, axis=0)
    mask = np.sqrt(np.square(pixels - ground).sum(2)) > STANDS_OUT
    labels, found = ndimage.label(mask, np.ones((3, 3)))
    sizes = ndimage.sum_labels(mask, labels, range(1, found + 1)) if found else np.zeros(0)
    least = max(LEAST_SHARE * width * height, LEAST_OF_LARGEST * float(sizes.max(initial=0)))
    objects = []
    for number, size in enumerate(sizes, start=1):
        if size >= least:
            objects.append(_object(pixels, labels == number))
    return Facts(nearest_color(ground), tuple(sorted(objects, key=lambda seen: (seen.x, seen.y))))


def _object(pixels: Array, mask: Mask) -> Seen:
    height, width = mask.shape
    inner = ndimage.binary_erosion(mask)
    color = nearest_color(np.median(pixels[inner if inner.any() else mask], axis=0))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    shape, fit = _shape(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    x, y = (columns[0] + columns[-1] + 1) / 2 / width, (rows[0] + rows[-1] + 1) / 2 / height
    return Seen(color, shape, fit, float(x), float(y), float(mask.mean()))


def _shape(mask: Mask) -> tuple[str, float]:
    seen = _normal(mask)
    fits = {}
    for name, templates in _templates().items():
        overlap = [float((seen & template).sum()) / float((seen | template).sum()) for template in templates]
        fits[name] = max(overlap)
    best = max(fits, key=lambda name: fits[name])
    return best, fits[best]


def _normal(mask: Mask) -> Mask:
    """Resize a mask to the template size, keeping its proportions."""
    height, width = mask.shape
    side = max(height, width)
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = mask
    small = Image.fromarray(square * 255).resize((TEMPLATE, TEMPLATE), Image.Resampling.BOX)
    return np.asarray(small) > 127


@cache
def _templates() -> dict[str, list[Mask]]:
    """Draw each shape at several angles."""
    made: dict[str, list[Mask]] = {}
    for name, draw in SHAPES.items():
        made[name] = []
        for angle in (-8, -4, 0, 4, 8):
            canvas = Canvas(96, 96, (0, 0, 0))
            draw(canvas.pen(48, 48, 40, angle), (255, 255, 255))
            mask = np.asarray(canvas.downsampled().convert("L")) > 127
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            made[name].append(_normal(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))
    return made


def stacks(image: Image.Image) -> set[tuple[str, str]]:
    """Find pairs (lower color, upper color) of areas stacked on each other, such as wall and roof."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
    height, width = pixels.shape[:2]
    # Grass, sky and window panes get colors of their own; otherwise a green wall would merge with the grass.
    around = {"meadow": (104, 184, 84), "sky": (150, 204, 244), "pane": (206, 234, 248)}
    names = [*COLORS, *around]
    table = np.array([*COLORS.values(), *around.values()], dtype=np.float32)
    nearest = np.square(pixels[:, :, None] - table).sum(3).argmin(2)
    areas = []
    for index, name in enumerate(names):
        labels, found = ndimage.label(nearest == index)
        for number in range(1, found + 1):
            mask = labels == number
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            if mask.mean() >= 0.012 and columns[0] > 0 and columns[-1] < width - 1:
                areas.append((name, rows[0], rows[-1], columns[0], columns[-1]))
    pairs = set()
    for lower, top, _, left, right in areas:
        for upper, over, under, first, last in areas:
            touching = abs(int(under) - int(top)) <= 0.08 * height and over < top
            shared = min(right, last) - max(left, first)
            if lower != upper and touching and shared > 0.6 * min(right - left, last - first):
                pairs.add((lower, upper))
    return pairs
