"""Plan and draw plain images: shapes or things on a plain background, with counts, sizes, places and relations."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from training.draw_pen import COLORS, Canvas, Rgb, paint
from training.draw_shapes import SHAPES
from training.draw_things import OFTEN, THINGS
from training.draw_words import NUMBERS, PLACES, article, counted, may_stand_on, shape_and_color

RELATIONS = {
    "above": (0, -1),
    "below": (0, 1),
    "to the left of": (-1, 0),
    "to the right of": (1, 0),
    "left of": (-1, 0),
    "right of": (1, 0),
    "and": (0, 0),
}
SIZES = {"small": (0.11, 0.16), "": (0.17, 0.32), "large": (0.34, 0.42), "big": (0.34, 0.42)}

# The second color of a thing if the caption does not name one.
SECOND = {
    "house": "brown", "boat": "white", "rocket": "red", "flower": "yellow", "cat": "green", "snowman": "red",
    "mushroom": "white", "butterfly": "yellow", "bird": "gray", "castle": "red", "cake": "brown",
    "planet": "yellow", "robot": "cyan",
}  # fmt: skip
PARTS = {
    "house": "roof", "boat": "sail", "rocket": "nose", "flower": "center", "mushroom": "dots", "cat": "eyes",
    "butterfly": "spots", "castle": "flag", "robot": "eyes",
}  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """What a plain image shows; both the caption and the pixels are made from it."""

    kinds: tuple[str, ...]
    colors: tuple[str, ...]
    background: str
    count: int = 1
    size: str = ""
    place: str = ""
    relation: str = ""
    second: str = ""


def plan_plain(rng: random.Random) -> Plain:
    """Choose a plain image that is not held out from training."""
    background = rng.choice(list(COLORS))
    fate = rng.random()
    if fate < 0.25:
        first, second = shape_and_color(rng, background), shape_and_color(rng, background)
        if rng.random() < 0.25:
            second = (figure_of_one_color(rng), second[1])
        while second[1] == first[1] or second[0] == first[0]:
            second = shape_and_color(rng, background)
        if rng.random() < 0.5:
            first, second = second, first
        relation = rng.choice(list(RELATIONS))
        return Plain((first[0], second[0]), (first[1], second[1]), background, relation=relation)
    if fate < 0.47:
        return thing_on(rng, background)
    kind, color = shape_and_color(rng, background)
    if fate < 0.68:
        return Plain((kind,), (color,), background, count=rng.choice((2, 3, 4)))
    size = rng.choice(("", "", "", "small", "large", "big"))
    place = rng.choice(list(PLACES)) if rng.random() < 0.45 else ""
    return Plain((kind,), (color,), background, size=size, place=place)


def thing_on(rng: random.Random, background: str) -> Plain:
    """Choose a thing of one color on a plain background."""
    kinds = [name for name in THINGS if name != "snowman"]
    kind = rng.choices(kinds, [OFTEN.get(name, 1) for name in kinds])[0]
    choices = [color for color in COLORS if may_stand_on(color, background)]
    color = rng.choice(choices)
    while (kind == "cat" and color == "green") or color == SECOND.get(kind):
        color = rng.choice(choices)
    count = rng.choice((2, 3)) if rng.random() < 0.15 else 1
    place = rng.choice(list(PLACES)) if count == 1 and rng.random() < 0.2 else ""
    size = rng.choice(("", "", "small", "large")) if count == 1 else ""
    return Plain((kind,), (color,), background, count=count, size=size, place=place)


def figure_of_one_color(rng: random.Random) -> str:
    """Choose a thing that has only one color, for a pair of things."""
    return rng.choice([name for name in THINGS if name not in SECOND])


def caption_plain(plan: Plain, rng: random.Random) -> str:
    """Return a caption for a plain image."""
    phrases = []
    for kind, color in zip(plan.kinds, plan.colors, strict=True):
        adjective = f"{plan.size} {color} " if plan.size else f"{color} "
        phrases.append(counted(plan.count, adjective, kind))
    sentence = phrases[0] if len(phrases) == 1 else f"{phrases[0]} {plan.relation} {phrases[1]}"
    if plan.count > 1 and rng.random() < 0.1:
        sentence = sentence.replace(NUMBERS[plan.count], str(plan.count), 1)
    if plan.place:
        sentence += " " + plan.place.replace("middle", "center" if rng.random() < 0.4 else "middle")
    ending = rng.random()
    if ending < 0.7:
        return f"{sentence} on {article(plan.background)} background"
    if ending < 0.9:
        return f"{sentence}, {plan.background} background"
    return f"{sentence} on {plan.background}"


def paint_plain(plan: Plain, rng: random.Random, width: int, height: int) -> Image.Image:
    """Draw a plain image of width x height pixels."""
    canvas = Canvas(width, height, paint(plan.background, rng))
    if len(plan.kinds) == 2:
        _pair(canvas, plan, rng)
    elif plan.count > 1:
        _several(canvas, plan, rng)
    else:
        _single(canvas, plan, rng)
    return canvas.downsampled()


def figure(
    canvas: Canvas, kind: str, color: Rgb, second: Rgb, at: tuple[float, float, float], rng: random.Random
) -> None:
    """Draw one shape or thing at (x, y, radius) in pixels."""
    x, y, radius = at
    if kind in SHAPES:
        SHAPES[kind](canvas.pen(x, y, radius, rng.uniform(-6, 6)), color)
    else:
        flip = kind in ("fish", "bird", "car", "boat", "duck", "whale") and rng.random() < 0.5
        THINGS[kind](canvas.pen(x, y, radius, rng.uniform(-3, 3), flip), color, second, rng)


def second_of(kind: str, plan_second: str, rng: random.Random) -> Rgb:
    """Return a thing's second color, by default the usual one."""
    return paint(plan_second or SECOND.get(kind, "yellow"), rng)


def _single(canvas: Canvas, plan: Plain, rng: random.Random) -> None:
    width, height = canvas.width, canvas.height
    short = min(width, height)
    low, high = SIZES[plan.size]
    if plan.place and not plan.place.endswith("middle"):
        high = min(high, 0.25)
        low = min(low, 0.21)
    radius = rng.uniform(low, high) * short
    if plan.place:
        x, y = (_toward(PLACES[plan.place][axis], side, radius, rng) for axis, side in ((0, width), (1, height)))
    else:
        x, y = _anywhere(width, radius, rng), _anywhere(height, radius, rng)
    kind = plan.kinds[0]
    figure(canvas, kind, paint(plan.colors[0], rng), second_of(kind, plan.second, rng), (x, y, radius), rng)


def _several(canvas: Canvas, plan: Plain, rng: random.Random) -> None:
    width, height = canvas.width, canvas.height
    color, kind = paint(plan.colors[0], rng), plan.kinds[0]
    second = second_of(kind, plan.second, rng)
    columns, rows = (2, 2) if plan.count == 4 and max(width, height) < 2 * min(width, height) else (plan.count, 1)
    if rows == 1 and height > width:
        columns, rows = rows, columns
    cell = min(width / columns, height / rows)
    radius = cell * rng.uniform(0.3, 0.42)
    pitch_x = min(width / columns, radius * rng.uniform(2.3, 2.9))
    pitch_y = min(height / rows, radius * rng.uniform(2.3, 2.9))
    left = _anywhere(width, radius + pitch_x * (columns - 1) / 2, rng)
    top = _anywhere(height, radius + pitch_y * (rows - 1) / 2, rng)
    for index in range(plan.count):
        x = left + (index % columns - (columns - 1) / 2) * pitch_x
        y = top + (index // columns - (rows - 1) / 2) * pitch_y
        figure(canvas, kind, color, second, (x, y, radius * rng.uniform(0.95, 1.02)), rng)


def _pair(canvas: Canvas, plan: Plain, rng: random.Random) -> None:
    width, height = canvas.width, canvas.height
    dx, dy = RELATIONS[plan.relation]
    if (dx, dy) == (0, 0):
        dx, dy = rng.choice(((-1, 0), (1, 0)) if width >= height else ((0, -1), (0, 1)))
    long, across = (width, height) if dx else (height, width)
    radius = min(long * rng.uniform(0.16, 0.22), across * rng.uniform(0.3, 0.42))
    gap = min(long / 2 - radius, radius * rng.uniform(1.2, 1.6))
    x = _anywhere(width, radius + abs(dx) * gap, rng)
    y = _anywhere(height, radius + abs(dy) * gap, rng)
    drift = across * 0.06
    for kind, color, side in zip(plan.kinds, plan.colors, (1, -1), strict=True):
        at = (
            x + side * dx * gap + (rng.uniform(-drift, drift) if dy else 0),
            y + side * dy * gap + (rng.uniform(-drift, drift) if dx else 0),
            radius * rng.uniform(0.88, 1),
        )
        figure(canvas, kind, paint(color, rng), second_of(kind, "", rng), at, rng)


def _anywhere(side: float, radius: float, rng: random.Random) -> float:
    """Choose a coordinate along a side of this length at which a figure of this radius is completely visible."""
    edge = min(side / 2, radius * 1.06 + 1)
    return rng.uniform(edge, side - edge)


def _toward(end: float, side: float, radius: float, rng: random.Random) -> float:
    """Choose a coordinate near one end (0 or 1) or in the middle (0.5) of a side."""
    if end == 0.5:
        return side * (0.5 + rng.uniform(-0.05, 0.05))
    edge = radius * 1.06 + 1
    near = edge + rng.uniform(0, 0.08) * side
    return near if end == 0 else side - near
