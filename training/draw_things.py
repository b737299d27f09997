"""Draw things without eyes, each with one function that takes its colors; also the table of all things."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from training.draw_creatures import (
    INK,
    SNOW,
    bird,
    butterfly,
    cat,
    duck,
    face,
    fish,
    robot,
    sad_face,
    snowman,
    whale,
)
from training.draw_pen import COLORS, Pen, Rgb, arc, shade

Thing = Callable[[Pen, Rgb, Rgb, random.Random], None]

GLASS = (206, 234, 248)
WOOD = COLORS["brown"]
LEAF = (40, 138, 56)
GOLD = COLORS["yellow"]


def house(pen: Pen, wall: Rgb, roof: Rgb, rng: random.Random) -> None:
    pen.rectangle(-0.74, -0.1, 0.74, 0.95, wall)
    pen.polygon([(-1, -0.06), (0, -0.92), (1, -0.06)], roof)
    door = WOOD if wall != WOOD else shade(WOOD, 0.55)
    pen.rectangle(-0.18, 0.36, 0.18, 0.95, door)
    for x in (-0.48, 0.48):
        pen.rectangle(x - 0.17, 0.14, x + 0.17, 0.46, GLASS)


def tree(pen: Pen, crown: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.rectangle(-0.13, 0.1, 0.13, 1, WOOD)
    for x, y, r in ((-0.34, 0, 0.42), (0.34, 0, 0.42), (0, -0.42, 0.52), (0, 0, 0.42)):
        pen.ellipse(x, y, r, r, crown)


def pine(pen: Pen, crown: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.rectangle(-0.11, 0.6, 0.11, 1, WOOD)
    for top, bottom, half in ((-1, -0.25, 0.42), (-0.6, 0.25, 0.58), (-0.2, 0.74, 0.74)):
        pen.polygon([(0, top), (half, bottom), (-half, bottom)], crown)


def boat(pen: Pen, hull: Rgb, sail: Rgb, rng: random.Random) -> None:
    pen.line([(0, -0.95), (0, 0.5)], 0.07, shade(WOOD, 0.8))
    pen.polygon([(0.08, -0.88), (0.72, 0.34), (0.08, 0.34)], sail)
    pen.polygon([(-0.08, -0.66), (-0.08, 0.34), (-0.56, 0.34)], sail)
    pen.polygon([(-0.95, 0.46), (0.95, 0.46), (0.62, 0.92), (-0.62, 0.92)], hull)


def car(pen: Pen, body: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.polygon([(-0.56, 0.06), (-0.36, -0.42), (0.32, -0.42), (0.6, 0.06)], body)
    pen.polygon([(-0.42, 0.04), (-0.28, -0.3), (-0.05, -0.3), (-0.05, 0.04)], GLASS)
    pen.polygon([(0.06, 0.04), (0.06, -0.3), (0.25, -0.3), (0.43, 0.04)], GLASS)
    pen.polygon([(-1, 0.12), (-0.9, 0), (0.86, 0), (1, 0.16), (1, 0.46), (-1, 0.46)], body)
    for x in (-0.54, 0.54):
        pen.ellipse(x, 0.46, 0.25, 0.25, INK)
        pen.ellipse(x, 0.46, 0.11, 0.11, COLORS["gray"])


def rocket(pen: Pen, body: Rgb, nose: Rgb, rng: random.Random) -> None:
    pen.polygon([(-0.18, 0.6), (0.18, 0.6), (0, 1.08)], GOLD)
    pen.polygon([(-0.3, 0.1), (-0.3, 0.62), (-0.66, 0.78)], nose)
    pen.polygon([(0.3, 0.1), (0.3, 0.62), (0.66, 0.78)], nose)
    pen.rectangle(-0.32, -0.45, 0.32, 0.62, body)
    pen.polygon([(-0.32, -0.44), (0, -1.05), (0.32, -0.44)], nose)
    pen.ellipse(0, -0.12, 0.17, 0.17, (110, 196, 232))


def flower(pen: Pen, petals: Rgb, heart: Rgb, rng: random.Random) -> None:
    pen.line([(0, -0.2), (0, 1)], 0.1, LEAF)
    pen.polygon([(0, 0.8), (0.42, 0.42), (0.34, 0.72)], LEAF)
    pen.polygon([(0, 0.8), (-0.42, 0.42), (-0.34, 0.72)], LEAF)
    for step in range(6):
        angle = math.pi * step / 3
        pen.ellipse(0.36 * math.cos(angle), -0.4 + 0.36 * math.sin(angle), 0.25, 0.25, petals)
    pen.ellipse(0, -0.4, 0.22, 0.22, heart)


def pot(pen: Pen, color: Rgb) -> None:
    """Draw a pot below a flower's stem."""
    pen.polygon([(-0.42, 0.62), (0.42, 0.62), (0.3, 1.12), (-0.3, 1.12)], color)
    pen.rectangle(-0.5, 0.52, 0.5, 0.68, shade(color, 0.85))


def balloon(pen: Pen, skin: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.line([(0, 0.4), (0.08, 0.65), (-0.05, 0.85), (0.02, 1)], 0.05, (90, 90, 96))
    pen.polygon([(-0.13, 0.5), (0.13, 0.5), (0, 0.28)], shade(skin, 0.8))
    pen.ellipse(0, -0.3, 0.6, 0.7, skin)
    pen.ellipse(-0.22, -0.55, 0.1, 0.17, shade(skin, 1.6))


def mushroom(pen: Pen, cap: Rgb, dots: Rgb, rng: random.Random) -> None:
    pen.polygon([(-0.24, -0.1), (0.24, -0.1), (0.34, 0.95), (-0.34, 0.95)], (244, 232, 208))
    pen.slice(0, 0.05, 0.92, 0.92, 180, 360, cap)
    for x, y, r in ((-0.46, -0.22, 0.13), (0.02, -0.52, 0.16), (0.46, -0.2, 0.13)):
        pen.ellipse(x, y, r, r, dots)


def apple(pen: Pen, skin: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.ellipse(-0.3, 0.16, 0.56, 0.72, skin)
    pen.ellipse(0.3, 0.16, 0.56, 0.72, skin)
    pen.line([(0, -0.46), (0.06, -0.92)], 0.1, shade(WOOD, 0.8))
    pen.polygon([(0.1, -0.66), (0.34, -0.96), (0.72, -0.86), (0.42, -0.6)], LEAF)


def umbrella(pen: Pen, cloth: Rgb, _: Rgb, rng: random.Random) -> None:
    grip = shade(WOOD, 0.8)
    pen.line([(0, -0.2), (0, 0.8), *arc(0.16, 0.8, 0.16, 0.14, 180, 20, 8)], 0.09, grip)
    pen.polygon(
        arc(0, 0, 0.96, 0.9, 180, 360)
        + arc(0.64, 0.0, 0.32, 0.16, 0, -180, 8)
        + arc(0, 0.0, 0.32, 0.16, 0, -180, 8)
        + arc(-0.64, 0.0, 0.32, 0.16, 0, -180, 8),
        cloth,
    )


def castle(pen: Pen, wall: Rgb, flag: Rgb, rng: random.Random) -> None:
    dark = shade(wall, 0.55) if sum(wall) > 160 else COLORS["gray"]
    pen.rectangle(-0.56, -0.02, 0.56, 0.96, wall)
    for side in (-1, 1):
        pen.rectangle(side * 0.7 - 0.25, -0.36, side * 0.7 + 0.25, 0.96, wall)
        for step in (-1, 1):
            x = side * 0.7 + step * 0.165
            pen.rectangle(x - 0.085, -0.54, x + 0.085, -0.3, wall)
        pen.rectangle(side * 0.7 - 0.07, 0.0, side * 0.7 + 0.07, 0.28, dark)
    pen.line([(0, 0), (0, -0.98)], 0.05, INK)
    pen.polygon([(0.02, -0.98), (0.46, -0.78), (0.02, -0.58)], flag)
    pen.rectangle(-0.2, 0.5, 0.2, 0.96, dark)
    pen.slice(0, 0.5, 0.2, 0.22, 180, 360, dark)


def cactus(pen: Pen, skin: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.line([(0, -0.72), (0, 0.9)], 0.42, skin)
    pen.line([(0, 0.4), (-0.62, 0.4), (-0.62, -0.14)], 0.26, skin)
    pen.line([(0, 0.14), (0.62, 0.14), (0.62, -0.4)], 0.26, skin)


def cake(pen: Pen, icing: Rgb, base: Rgb, rng: random.Random) -> None:
    pen.rectangle(-0.8, 0.06, 0.8, 0.9, base)
    pen.rectangle(-0.84, -0.14, 0.84, 0.26, icing)
    for x in (-0.56, 0, 0.56):
        pen.ellipse(x, 0.28, 0.18, 0.2, icing)
    for x in (-0.4, 0, 0.4):
        pen.rectangle(x - 0.06, -0.6, x + 0.06, -0.12, SNOW)
        pen.ellipse(x, -0.76, 0.09, 0.16, COLORS["orange"])


def planet(pen: Pen, ball: Rgb, band: Rgb, rng: random.Random) -> None:
    pen.polygon(arc(0, 0, 1.1, 0.34, 180, 360) + arc(0, 0, 0.82, 0.2, 360, 180), band)
    pen.ellipse(0, 0, 0.66, 0.66, ball)
    pen.polygon(arc(0, 0, 1.1, 0.34, 0, 180) + arc(0, 0, 0.82, 0.2, 180, 0), band)


def sun(pen: Pen, color: Rgb) -> None:
    """Draw a plain round sun."""
    pen.ellipse(0, 0, 1, 1, color)


def cloud(pen: Pen, color: Rgb) -> None:
    """Draw a cloud with four bumps."""
    for x, y, r in ((-0.55, 0.1, 0.36), (-0.12, -0.14, 0.46), (0.4, 0, 0.42), (0.7, 0.16, 0.3)):
        pen.ellipse(x, y, r, r, color)
    pen.rectangle(-0.55, 0.05, 0.7, 0.46, color)


THINGS: dict[str, Thing] = {
    "house": house,
    "tree": tree,
    "pine tree": pine,
    "boat": boat,
    "car": car,
    "rocket": rocket,
    "fish": fish,
    "flower": flower,
    "cat": cat,
    "smiling face": face,
    "sad face": sad_face,
    "snowman": snowman,
    "bird": bird,
    "balloon": balloon,
    "mushroom": mushroom,
    "butterfly": butterfly,
    "apple": apple,
    "umbrella": umbrella,
    "castle": castle,
    "cactus": cactus,
    "cake": cake,
    "planet": planet,
    "duck": duck,
    "whale": whale,
    "robot": robot,
}

# Figures with small features are harder to learn, so they are drawn more often.
OFTEN = {"cat": 3, "smiling face": 4, "sad face": 3, "bird": 3, "butterfly": 3, "snowman": 1, "robot": 2, "duck": 2}
