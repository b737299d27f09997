"""Draw the nine plain shapes; each fills the pen's unit circle in one color."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.draw_pen import Pen, Point, Rgb, arc

Shape = Callable[[Pen, Rgb], None]


def circle(pen: Pen, color: Rgb) -> None:
    pen.ellipse(0, 0, 0.95, 0.95, color)


def square(pen: Pen, color: Rgb) -> None:
    pen.rectangle(-0.85, -0.85, 0.85, 0.85, color)


def triangle(pen: Pen, color: Rgb) -> None:
    pen.polygon([(0, -1), (1, 0.8), (-1, 0.8)], color)


def star(pen: Pen, color: Rgb) -> None:
    points: list[Point] = []
    for tip in range(10):
        radius = 1.08 if tip % 2 == 0 else 0.44
        angle = math.pi * tip / 5
        points.append((radius * math.sin(angle), 0.08 - radius * math.cos(angle)))
    pen.polygon(points, color)


def heart(pen: Pen, color: Rgb) -> None:
    points: list[Point] = []
    for step in range(48):
        t = 2 * math.pi * step / 48
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((math.sin(t) ** 3, -y / 16 - 0.12))
    pen.polygon(points, color)


def diamond(pen: Pen, color: Rgb) -> None:
    pen.polygon([(0, -1.05), (0.68, 0), (0, 1.05), (-0.68, 0)], color)


def cross(pen: Pen, color: Rgb) -> None:
    pen.rectangle(-0.3, -0.95, 0.3, 0.95, color)
    pen.rectangle(-0.95, -0.3, 0.95, 0.3, color)


def ring(pen: Pen, color: Rgb) -> None:
    # Two overlapping halves: a single closed band would leave a hairline where its ends meet.
    for start, end in ((0, 184), (180, 364)):
        pen.polygon(arc(0, 0, 0.98, 0.98, start, end) + arc(0, 0, 0.55, 0.55, end, start), color)


def moon(pen: Pen, color: Rgb) -> None:
    pen.polygon(arc(0, 0, 1, 1, 55, 305, 40) + arc(0.42, 0, 0.83, 0.83, 282, 78, 40), color)


SHAPES: dict[str, Shape] = {
    "circle": circle,
    "square": square,
    "triangle": triangle,
    "star": star,
    "heart": heart,
    "diamond": diamond,
    "cross": cross,
    "ring": ring,
    "moon": moon,
}
