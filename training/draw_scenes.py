"""Plan and caption scenes: things where they belong (field, sea, road, space), at a time of day or year."""

from __future__ import annotations

import random
from dataclasses import dataclass

from training.draw_pen import COLORS
from training.draw_places import (
    COUNTABLE,
    GROUND_THINGS,
    NEIGHBORS,
    SEA_THINGS,
    SKY_THINGS,
    SPACE_THINGS,
    TIMES,
    WATER_THINGS,
)
from training.draw_plain import PARTS, SECOND
from training.draw_words import HELD_ROOFS, article, counted


@dataclass(frozen=True)
class Scene:
    """What a scene shows; both the caption and the pixels are made from it."""

    kind: str
    color: str
    second: str
    where: str
    time: str
    count: int = 1
    side: str = ""
    light: str = ""
    cloudy: bool = False
    named_second: bool = True
    pot: str = ""
    neighbor: tuple[str, str, str] = ("", "", "")
    """The kind and the color of the neighbor, and the side of the neighbor that the thing is on."""


def plan_scene(rng: random.Random) -> Scene:
    """Choose a scene that is not held out from training."""
    where = rng.choice(("field",) * 9 + ("sea",) * 3 + ("road",) * 3 + ("space",) * 2 + ("water",) * 2 + ("sky",) * 2
                       + ("mountains",) * 2)  # fmt: skip
    kinds = {
        "sea": SEA_THINGS, "road": ("car",), "space": SPACE_THINGS, "water": WATER_THINGS, "sky": SKY_THINGS,
        "mountains": ("mountains",), "field": GROUND_THINGS,
    }  # fmt: skip
    kind = rng.choice(kinds[where])
    time = "winter" if kind == "snowman" and rng.random() < 0.5 else rng.choice(TIMES)
    if where in ("sea", "road", "sky") and time in ("winter", "autumn", "spring"):
        time = "day"
    if where in ("space", "water"):
        time = "day"
    color, second = _colors(kind, rng)
    count = rng.choice((2, 3)) if kind in COUNTABLE and rng.random() < 0.3 else 1
    if where == "field" and kind in NEIGHBORS and rng.random() < 0.28:
        return _neighbors(kind, color, second, time, rng)
    return Scene(
        kind=kind,
        color=color,
        second=second,
        where=where,
        time=time,
        count=count,
        side=rng.choice(("left", "right")) if count == 1 and rng.random() < 0.18 and kind != "mountains" else "",
        light={"night": "moon"}.get(time, "sun") if where not in ("space", "water") and rng.random() < 0.5 else "",
        cloudy=time != "night" and where not in ("space", "water") and rng.random() < 0.3,
        named_second=second != SECOND.get(kind) or rng.random() < 0.3,
        pot=rng.choice(("brown", "red", "white", "blue"))
        if kind == "flower" and count == 1 and rng.random() < 0.3
        else "",
    )


def _neighbors(kind: str, color: str, second: str, time: str, rng: random.Random) -> Scene:
    """Choose a scene with two things side by side."""
    other = rng.choice([name for name in NEIGHBORS if name != kind])
    paint_of_other = _colors(other, rng)[0]
    while paint_of_other == color:
        paint_of_other = _colors(other, rng)[0]
    side = rng.choice(("left", "right"))
    named = second != SECOND.get(kind)
    return Scene(kind, color, second, "field", time, named_second=named, neighbor=(other, paint_of_other, side))


def _colors(kind: str, rng: random.Random) -> tuple[str, str]:
    """Choose the two colors of a thing, favoring its usual ones."""
    usual = {"tree": "green", "pine tree": "green", "fish": "orange", "mountains": "gray", "mushroom": "red"}
    names = list(COLORS)
    while True:
        color = usual[kind] if kind in usual and rng.random() < 0.35 else rng.choice(names)
        if kind in ("tree", "pine tree"):
            color = rng.choice(("green", "green", "red", "orange", "yellow", "pink", "purple", "blue", "white"))
        second = rng.choice(names) if kind in PARTS or kind == "snowman" else SECOND.get(kind, "")
        if kind in PARTS and rng.random() < 0.25:
            second = SECOND[kind]
        held = (kind == "house" and (color, second) in HELD_ROOFS) or (kind == "rocket" and "black" in (color, second))
        if color != second and not held and (kind, second) not in (("cat", "black"), ("cat", "brown")):
            return color, second


def caption_scene(plan: Scene, rng: random.Random) -> str:
    """Return a caption for a scene."""
    noun = "sailing boat" if plan.kind == "boat" and rng.random() < 0.4 else plan.kind
    if plan.kind == "mountains":
        sentence = "snowy mountains" if rng.random() < 0.6 else "mountains"
    elif plan.kind == "snowman":
        sentence = f"a snowman with {article(plan.color)} hat and {article(plan.second)} scarf"
    else:
        sentence = counted(plan.count, f"{plan.color} ", noun)
        if plan.kind in PARTS and plan.named_second:
            part = f"{plan.second} {PARTS[plan.kind]}"
            many = plan.count > 1 or plan.kind in ("cat", "mushroom", "butterfly")
            sentence += " with " + (
                part + ("s" if plan.count > 1 and not part.endswith("s") else "") if many else article(part)
            )
        if plan.pot:
            sentence += f" in {article(plan.pot)} pot"
        if plan.neighbor[0]:
            other, color, side = plan.neighbor
            relation = rng.choice(("next to", "beside", f"to the {side} of", f"to the {side} of", f"{side} of"))
            sentence += f" {relation} {article(color)} {other}"
    sentence += f" {_where(plan, rng)}" if rng.random() < 0.85 else ""
    if plan.side:
        sentence += f" on the {plan.side}"
    sentence += _when(plan, rng)
    if plan.light and rng.random() < 0.85:
        sentence += rng.choice((" under ", " and ", " with ")) + ("a yellow sun" if plan.light == "sun" else "a moon")
    elif plan.cloudy and rng.random() < 0.6:
        sentence += rng.choice((" with a white cloud", " and a cloud", " under a white cloud"))
    return " ".join(sentence.split())


def _where(plan: Scene, rng: random.Random) -> str:
    field = ("in the snow",) if plan.time == "winter" else ("in a field", "on a hill", "on grass", "in a garden")
    return rng.choice(
        {
            "field": field,
            "sea": ("on the sea", "on the water"),
            "road": ("on the road", "on a road", "on a street"),
            "space": ("in space", "among the stars"),
            "water": ("in the sea", "under water", "in the water"),
            "sky": ("in the sky",),
            "mountains": ("",),
        }[plan.where]
    )


def _when(plan: Scene, rng: random.Random) -> str:
    if plan.where in ("space", "water"):
        return ""
    if plan.time == "day":
        return rng.choice((" by day", " during the day", "", "", ""))
    return {
        "night": " at night",
        "sunset": " at sunset",
        "winter": " in winter",
        "autumn": " in autumn",
        "spring": " in spring",
    }[plan.time]
