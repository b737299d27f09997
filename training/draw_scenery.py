"""Draw scenes: sky, ground, water, space and mountains, and the things in front of them."""

from __future__ import annotations

import random

from PIL import Image

from training.draw_creatures import SNOW
from training.draw_pen import COLORS, Canvas, arc, paint
from training.draw_places import GROUNDS, SKIES
from training.draw_plain import figure, second_of
from training.draw_scenes import Scene
from training.draw_shapes import moon
from training.draw_things import cloud, pot, sun

BLOSSOMS = (COLORS["pink"], COLORS["yellow"], SNOW)


def paint_scene(plan: Scene, rng: random.Random, width: int, height: int) -> Image.Image:
    """Draw a scene of width x height pixels."""
    canvas = Canvas(width, height, (0, 0, 0))
    horizon = rng.uniform(0.58, 0.74)
    _backdrop(canvas, plan, rng, horizon)
    if plan.kind == "mountains":
        return canvas.downsampled()
    short, radius_share = min(width, height), rng.uniform(0.22, 0.38)
    if plan.count > 1:
        along = width / plan.count
        radius = min(along * rng.uniform(0.38, 0.46), short * 0.34)
    else:
        radius = short * radius_share
    if plan.pot:
        radius *= 0.88
    x = _across(plan, width, radius, rng)
    y = _down(plan, height, radius, horizon, rng)
    if plan.neighbor[0]:
        radius = min(radius, width * 0.23)
        gap = min(width / 2 - radius, radius * rng.uniform(1.1, 1.3))
        toward = -1 if plan.neighbor[2] == "left" else 1
        middle = rng.uniform(radius + gap, width - radius - gap)
        x = middle + toward * gap
        at = (middle - toward * gap, y + rng.uniform(-0.02, 0.02) * height, radius * rng.uniform(0.85, 1))
        other, shown = plan.neighbor[0], paint(plan.neighbor[1], rng)
        figure(canvas, other, shown, second_of(other, "", rng), at, rng)
    pitch = min(width / plan.count, radius * rng.uniform(2.25, 2.7))
    color, second = paint(plan.color, rng), second_of(plan.kind, plan.second, rng)
    for index in range(plan.count):
        at = (x + (index - (plan.count - 1) / 2) * pitch, y + rng.uniform(-0.02, 0.02) * height, radius)
        if plan.pot:
            pot(canvas.pen(*at), paint(plan.pot, rng))
        figure(canvas, plan.kind, color, second, at, rng)
        if plan.pot:
            pot(canvas.pen(*at), paint(plan.pot, rng))
    return canvas.downsampled()


def _across(plan: Scene, width: int, radius: float, rng: random.Random) -> float:
    edge = min(width / 2, radius * 1.05 + 1)
    if plan.side:
        near = edge + rng.uniform(0, 0.08) * width
        return near if plan.side == "left" else width - near
    if plan.count > 1:
        return width / 2 + rng.uniform(-0.02, 0.02) * width
    return rng.uniform(edge, width - edge)


def _down(plan: Scene, height: int, radius: float, horizon: float, rng: random.Random) -> float:
    if plan.where in ("space", "water", "sky"):
        edge = min(height / 2, radius * 1.1 + 1)
        return rng.uniform(edge, height - edge - (0.1 * height if plan.where == "water" else 0))
    if plan.where == "sea":
        return (horizon + rng.uniform(0.04, 0.12)) * height - 0.8 * radius
    if plan.where == "road":
        return (horizon + rng.uniform(0.1, 0.16)) * height - 0.6 * radius
    base = rng.uniform(horizon + 0.08, 0.93) * height
    return max(radius * 1.02, base - radius * (1.1 if plan.pot else 0.95))


def _backdrop(canvas: Canvas, plan: Scene, rng: random.Random, horizon: float) -> None:
    width, height = canvas.width, canvas.height
    if plan.where == "space":
        canvas.gradient((12, 10, 34), (22, 16, 52))
        _stars(canvas, rng, 1.0, 26)
        return
    if plan.where == "water":
        canvas.gradient((54, 146, 214), (16, 70, 150))
        canvas.pen(0, height, height * 0.1).rectangle(-1, -1, 100, 1, (232, 208, 150))
        for _ in range(rng.randint(2, 4)):
            canvas.pen(rng.uniform(0, width), rng.uniform(0, height * 0.6), rng.uniform(1.2, 2.4)).ellipse(
                0, 0, 1, 1, (196, 230, 250)
            )
        return
    top, bottom = SKIES[plan.time]
    canvas.gradient(top, bottom, 1.0 if plan.where == "sky" else horizon + 0.03)
    if plan.time == "night":
        _stars(canvas, rng, horizon, 14)
    light_x = rng.uniform(0.12, 0.88) * width
    light_r = min(width, height) * rng.uniform(0.07, 0.11)
    pen = canvas.pen(light_x, light_r * 1.2 + rng.uniform(0.03, 0.1) * height, light_r)
    if plan.light == "sun":
        sun(pen, paint("yellow", rng))
    elif plan.light == "moon":
        moon(pen, (250, 240, 190))
    if plan.cloudy:
        away = (light_x + width * rng.uniform(0.35, 0.65)) % width
        cloud(canvas.pen(away, rng.uniform(0.12, 0.26) * height, min(width, height) * rng.uniform(0.12, 0.18)), SNOW)
    if plan.where != "sky":
        _ground(canvas, plan, rng, horizon)


def _ground(canvas: Canvas, plan: Scene, rng: random.Random, horizon: float) -> None:
    width, height = canvas.width, canvas.height
    whole = canvas.pen(0, 0, 1)
    if plan.kind == "mountains":
        _mountains(canvas, plan, rng, horizon)
    if plan.where == "sea":
        tone = {"night": (20, 40, 96), "sunset": (92, 74, 140)}.get(plan.time, (40, 110, 196))
        whole.rectangle(0, horizon * height, width, height, tone)
        for _ in range(4):
            x, y = rng.uniform(0, width), rng.uniform(horizon + 0.12, 0.97) * height
            light = (min(255, tone[0] + 46), min(255, tone[1] + 46), min(255, tone[2] + 40))
            whole.line([(x - 0.06 * width, y), (x + 0.06 * width, y)], 1.0, light)
        return
    color = GROUNDS[plan.time]
    whole.rectangle(0, horizon * height, width, height, color)
    if plan.time == "spring":
        for _ in range(16):
            x, y = rng.uniform(0, width), rng.uniform(horizon + 0.04, 0.98) * height
            canvas.pen(x, y, rng.uniform(0.9, 1.5)).ellipse(0, 0, 1, 1, rng.choice(BLOSSOMS))
    if plan.where == "field":
        middle = rng.uniform(0.3, 0.7) * width
        whole.polygon(arc(middle, horizon * height + 1, width * 0.8, height * 0.05, 180, 360), color)
    if plan.where == "road":
        whole.rectangle(0, (horizon + 0.05) * height, width, min(1, horizon + 0.24) * height, (84, 84, 92))
        y = (horizon + 0.19) * height
        for step in range(-1, 6):
            x = (step + rng.random() * 0.1) * width / 5
            whole.line([(x, y), (x + width * 0.08, y)], 1.4, (244, 244, 240))


def _mountains(canvas: Canvas, plan: Scene, rng: random.Random, horizon: float) -> None:
    width, height = canvas.width, canvas.height
    rock = {"night": (44, 46, 74), "sunset": (96, 70, 104)}.get(plan.time, (122, 126, 140))
    whole = canvas.pen(0, 0, 1)
    for middle in (rng.uniform(0.12, 0.4), rng.uniform(0.6, 0.88)):
        peak, half = rng.uniform(0.2, 0.4), rng.uniform(0.28, 0.42)
        foot = horizon + 0.02
        whole.polygon(
            [
                ((middle - half) * width, foot * height),
                (middle * width, peak * height),
                ((middle + half) * width, foot * height),
            ],
            rock,
        )
        cap = 0.32
        down = peak + (foot - peak) * cap
        points = [(middle * width, peak * height), ((middle + half * cap) * width, down * height)]
        points += [((middle + half * 0.1) * width, (down - 0.04) * height), (middle * width, (down + 0.02) * height)]
        points += [
            ((middle - half * 0.1) * width, (down - 0.04) * height),
            ((middle - half * cap) * width, down * height),
        ]
        whole.polygon(points, SNOW)


def _stars(canvas: Canvas, rng: random.Random, until: float, count: int) -> None:
    for _ in range(count):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, until * canvas.height)
        canvas.pen(x, y, rng.uniform(0.5, 0.9)).ellipse(0, 0, 1, 1, (240, 240, 220))
