"""Draw things with eyes: animals, faces, a snowman and a robot."""

from __future__ import annotations

import random

from training.draw_pen import COLORS, Pen, Rgb, arc, shade

INK = (24, 22, 26)
SNOW = (247, 249, 252)


def fish(pen: Pen, body: Rgb, _: Rgb, rng: random.Random) -> None:
    pen.polygon([(0.45, 0), (1, -0.42), (1, 0.42)], body)
    pen.polygon([(-0.25, -0.35), (0.12, -0.68), (0.32, -0.28)], body)
    pen.ellipse(-0.2, 0, 0.75, 0.44, body)
    pen.ellipse(-0.58, -0.1, 0.13, 0.13, SNOW)
    pen.ellipse(-0.6, -0.1, 0.07, 0.07, INK)


def cat(pen: Pen, fur: Rgb, eyes: Rgb, rng: random.Random) -> None:
    line = INK if sum(fur) > 160 else (190, 190, 196)
    for side in (-1, 1):
        pen.polygon([(side * 0.86, -0.98), (side * 0.16, -0.56), (side * 0.84, -0.02)], fur)
        pen.polygon([(side * 0.74, -0.74), (side * 0.4, -0.54), (side * 0.72, -0.28)], (244, 170, 180))
    pen.ellipse(0, 0.14, 0.92, 0.8, fur)
    for side in (-1, 1):
        pen.ellipse(side * 0.36, -0.02, 0.2, 0.2, eyes)
        pen.ellipse(side * 0.36, -0.02, 0.08, 0.16, INK)
        pen.line([(side * 0.34, 0.4), (side * 0.86, 0.3)], 0.035, line)
        pen.line([(side * 0.34, 0.48), (side * 0.86, 0.54)], 0.035, line)
        pen.line(arc(side * 0.13, 0.46, 0.13, 0.12, 10, 170, 8), 0.05, line)
    pen.polygon([(-0.12, 0.28), (0.12, 0.28), (0, 0.43)], (232, 110, 130))


def face(pen: Pen, skin: Rgb, _: Rgb, rng: random.Random, smiling: bool = True) -> None:
    line = INK if sum(skin) > 160 else SNOW
    pen.ellipse(0, 0, 0.96, 0.96, skin)
    for side in (-1, 1):
        pen.ellipse(side * 0.34, -0.26, 0.13, 0.19, line)
    if smiling:
        pen.line(arc(0, 0.1, 0.52, 0.46, 20, 160, 16), 0.13, line)
    else:
        pen.line(arc(0, 0.72, 0.46, 0.4, 205, 335, 16), 0.13, line)


def sad_face(pen: Pen, skin: Rgb, other: Rgb, rng: random.Random) -> None:
    face(pen, skin, other, rng, smiling=False)


def snowman(pen: Pen, hat: Rgb, scarf: Rgb, rng: random.Random) -> None:
    pen.ellipse(0, 0.52, 0.55, 0.5, SNOW)
    pen.ellipse(0, -0.24, 0.38, 0.38, SNOW)
    pen.rectangle(-0.46, -0.58, 0.46, -0.46, hat)
    pen.rectangle(-0.29, -1, 0.29, -0.5, hat)
    for side in (-1, 1):
        pen.ellipse(side * 0.15, -0.3, 0.06, 0.06, INK)
    pen.polygon([(0, -0.22), (0.36, -0.12), (0, -0.1)], COLORS["orange"])
    pen.rectangle(-0.36, 0.0, 0.36, 0.15, scarf)
    pen.rectangle(0.12, 0.06, 0.3, 0.48, scarf)
    for y in (0.34, 0.56, 0.78):
        pen.ellipse(-0.05, y, 0.055, 0.055, INK)


def bird(pen: Pen, body: Rgb, wing: Rgb, rng: random.Random) -> None:
    pen.polygon([(0.4, 0.1), (1, -0.22), (0.96, 0.2)], body)
    pen.polygon([(-0.86, -0.32), (-0.66, -0.42), (-0.66, -0.2)], COLORS["orange"])
    pen.ellipse(0, 0.12, 0.62, 0.44, body)
    pen.ellipse(-0.44, -0.3, 0.3, 0.3, body)
    pen.polygon([(-0.16, -0.02), (0.5, -0.02), (0.2, 0.42)], wing)
    pen.ellipse(-0.5, -0.36, 0.07, 0.07, INK if sum(body) > 160 else SNOW)
    for x in (-0.1, 0.16):
        pen.line([(x, 0.5), (x, 0.9)], 0.06, COLORS["orange"])


def butterfly(pen: Pen, wings: Rgb, spots: Rgb, rng: random.Random) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 0.5, -0.34, 0.45, 0.46, wings)
        pen.ellipse(side * 0.4, 0.42, 0.34, 0.36, wings)
        pen.ellipse(side * 0.54, -0.36, 0.18, 0.18, spots)
        pen.line([(0, -0.5), (side * 0.2, -0.92)], 0.045, INK)
    pen.ellipse(0, 0, 0.1, 0.62, INK)


def duck(pen: Pen, body: Rgb, _: Rgb, rng: random.Random) -> None:
    line = INK if sum(body) > 160 else SNOW
    pen.polygon([(0.5, 0.2), (1, -0.16), (0.84, 0.5)], body)
    pen.slice(0.12, 0.18, 0.84, 0.7, 0, 180, body)
    pen.ellipse(-0.42, -0.4, 0.4, 0.4, body)
    pen.rectangle(-0.66, -0.4, -0.16, 0.3, body)
    pen.polygon([(-0.76, -0.5), (-1.08, -0.34), (-0.76, -0.2)], COLORS["orange"])
    pen.ellipse(-0.5, -0.48, 0.08, 0.08, line)
    pen.line(arc(0.24, 0.24, 0.34, 0.24, 20, 160, 12), 0.07, shade(body, 0.7) if sum(body) > 160 else SNOW)


def whale(pen: Pen, body: Rgb, _: Rgb, rng: random.Random) -> None:
    line = INK if sum(body) > 160 else SNOW
    pen.slice(-0.16, 0.12, 0.8, 0.66, 180, 360, body)
    pen.slice(-0.16, 0.1, 0.8, 0.5, 0, 180, body)
    pen.polygon([(0.4, 0.1), (0.96, -0.3), (0.76, 0.3)], body)
    pen.polygon([(0.8, -0.12), (0.72, -0.62), (0.98, -0.34), (1.1, -0.56), (1.02, -0.08)], body)
    pen.ellipse(-0.62, 0.06, 0.08, 0.08, line)
    for side in (-1, 1):
        pen.line([(-0.2, -0.56), (-0.2 + side * 0.1, -0.86), (-0.2 + side * 0.3, -0.84)], 0.08, (196, 230, 250))


def robot(pen: Pen, metal: Rgb, eyes: Rgb, rng: random.Random) -> None:
    dark = shade(metal, 0.7) if sum(metal) > 160 else COLORS["gray"]
    pen.line([(0, -0.7), (0, -0.98)], 0.07, dark)
    pen.ellipse(0, -0.98, 0.1, 0.1, eyes)
    for side in (-1, 1):
        pen.rectangle(side * 0.72 - 0.12, 0.02, side * 0.72 + 0.12, 0.6, dark)
        pen.rectangle(side * 0.26 - 0.15, 0.66, side * 0.26 + 0.15, 1.02, dark)
    pen.rectangle(-0.5, -0.74, 0.5, -0.08, metal)
    pen.rectangle(-0.56, -0.0, 0.56, 0.7, metal)
    for side in (-1, 1):
        pen.ellipse(side * 0.22, -0.46, 0.13, 0.13, eyes)
    pen.rectangle(-0.26, -0.26, 0.26, -0.17, dark)
