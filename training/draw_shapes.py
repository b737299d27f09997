"""The nine plain shapes, each filling the pen's unit circle with one colour."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.draw_pen import Pen, Point, Rgb, arc

Shape = Callable[[Pen, Rgb], None]


def circle(pen: Pen, colour: Rgb) -> None:
    pen.ellipse(0, 0, 0.95, 0.95, colour)


def square(pen: Pen, colour: Rgb) -> None:
    pen.rectangle(-0.85, -0.85, 0.85, 0.85, colour)


def triangle(pen: Pen, colour: Rgb) -> None:
    pen.polygon([(0, -1), (1, 0.8), (-1, 0.8)], colour)


def star(pen: Pen, colour: Rgb) -> None:
    points: list[Point] = []
    for tip in range(10):
        radius = 1.08 if tip % 2 == 0 else 0.44
        angle = math.pi * tip / 5
        points.append((radius * math.sin(angle), 0.08 - radius * math.cos(angle)))
    pen.polygon(points, colour)


def heart(pen: Pen, colour: Rgb) -> None:
    points: list[Point] = []
    for step in range(48):
        t = 2 * math.pi * step / 48
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((math.sin(t) ** 3, -y / 16 - 0.12))
    pen.polygon(points, colour)


def diamond(pen: Pen, colour: Rgb) -> None:
    pen.polygon([(0, -1.05), (0.68, 0), (0, 1.05), (-0.68, 0)], colour)


def cross(pen: Pen, colour: Rgb) -> None:
    pen.rectangle(-0.3, -0.95, 0.3, 0.95, colour)
    pen.rectangle(-0.95, -0.3, 0.95, 0.3, colour)


def ring(pen: Pen, colour: Rgb) -> None:
    # two overlapping halves: one closed band leaves a hairline where its ends meet
    for start, end in ((0, 184), (180, 364)):
        pen.polygon(arc(0, 0, 0.98, 0.98, start, end) + arc(0, 0, 0.55, 0.55, end, start), colour)


def moon(pen: Pen, colour: Rgb) -> None:
    pen.polygon(arc(0, 0, 1, 1, 55, 305, 40) + arc(0.42, 0, 0.83, 0.83, 282, 78, 40), colour)


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
