"""The palette, the canvas and the pen: figures are drawn in unit coordinates on a supersampled canvas."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

Rgb = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLING = 4

COLORS: dict[str, Rgb] = {
    "red": (220, 38, 38),
    "orange": (246, 134, 28),
    "yellow": (250, 216, 48),
    "green": (44, 150, 60),
    "blue": (38, 88, 216),
    "purple": (126, 54, 178),
    "pink": (246, 150, 192),
    "brown": (124, 74, 40),
    "black": (20, 20, 24),
    "white": (248, 248, 246),
    "gray": (138, 140, 146),
    "cyan": (64, 206, 222),
}


def shade(color: Rgb, factor: float) -> Rgb:
    """Darken a color (factor below 1) or lighten it toward white (factor above 1)."""
    if factor <= 1:
        return (int(color[0] * factor), int(color[1] * factor), int(color[2] * factor))
    lift = factor - 1
    return (
        int(color[0] + (255 - color[0]) * lift),
        int(color[1] + (255 - color[1]) * lift),
        int(color[2] + (255 - color[2]) * lift),
    )


def paint(name: str, rng: random.Random) -> Rgb:
    """Return a palette color with a slight random variation, too small to be taken for another color."""
    spread = 8
    red, green, blue = COLORS[name]
    drift = rng.randint(-spread, spread)
    return (
        max(0, min(255, red + drift + rng.randint(-4, 4))),
        max(0, min(255, green + drift + rng.randint(-4, 4))),
        max(0, min(255, blue + drift + rng.randint(-4, 4))),
    )


class Canvas:
    """An image of width x height pixels, drawn at four times its size and averaged down at the end."""

    def __init__(self, width: int, height: int, color: Rgb) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SUPERSAMPLING, height * SUPERSAMPLING), color)
        self.draw = ImageDraw.Draw(self.image)

    def pen(self, x: float, y: float, radius: float, angle: float = 0.0, flip: bool = False) -> Pen:
        """Return a pen whose unit circle has this center and radius, in pixels."""
        return Pen(self.draw, x * SUPERSAMPLING, y * SUPERSAMPLING, radius * SUPERSAMPLING, angle, flip)

    def gradient(self, top: Rgb, bottom: Rgb, until: float = 1.0) -> None:
        """Fill the canvas from the top to a fraction of its height with a vertical gradient."""
        strip = Image.new("RGB", (1, 2))
        strip.putdata([top, bottom])
        width, height = self.image.size
        size = (width, max(2, int(height * until)))
        self.image.paste(strip.resize((1, size[1]), Image.Resampling.BILINEAR, (0, 0.5, 1, 1.5)).resize(size), (0, 0))

    def downsampled(self) -> Image.Image:
        """Return the image: the canvas averaged down to its final size."""
        return self.image.reduce(SUPERSAMPLING)


class Pen:
    """Draws in coordinates in which a figure fills [-1, 1] and y points down; `angle` is in degrees."""

    def __init__(self, draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, angle: float, flip: bool) -> None:
        self._draw, self._x, self._y, self._radius = draw, x, y, radius
        turn = math.radians(angle)
        self._cos, self._sin = math.cos(turn), math.sin(turn)
        self._sign = -1.0 if flip else 1.0

    def place(self, points: Sequence[Point]) -> list[Point]:
        """Convert unit coordinates to canvas coordinates."""
        placed = []
        for x, y in points:
            x *= self._sign
            placed.append(
                (
                    self._x + self._radius * (x * self._cos - y * self._sin),
                    self._y + self._radius * (x * self._sin + y * self._cos),
                )
            )
        return placed

    def polygon(self, points: Sequence[Point], color: Rgb) -> None:
        """Fill a polygon."""
        self._draw.polygon(self.place(points), fill=color)

    def rectangle(self, left: float, top: float, right: float, bottom: float, color: Rgb) -> None:
        """Fill an axis-aligned rectangle (before the pen's rotation)."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color)

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Rgb) -> None:
        """Fill an ellipse around a center."""
        self.polygon(arc(x, y, rx, ry, 0, 360), color)

    def slice(self, x: float, y: float, rx: float, ry: float, start: float, end: float, color: Rgb) -> None:
        """Fill the part of an ellipse between two angles, closed by a straight line."""
        self.polygon(arc(x, y, rx, ry, start, end), color)

    def line(self, points: Sequence[Point], width: float, color: Rgb) -> None:
        """Draw a line of the given width with round ends."""
        thickness = max(2, round(width * self._radius))
        placed = self.place(points)
        self._draw.line(placed, fill=color, width=thickness, joint="curve")
        for x, y in (placed[0], placed[-1]):
            half = thickness / 2
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=color)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 28) -> list[Point]:
    """Return points on an ellipse from one angle to another (degrees; 0 is right, 90 is down)."""
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]
