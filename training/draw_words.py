"""The wording of captions: articles, plurals, openings and endings; and the pairs held out from training."""

from __future__ import annotations

import random
import string

from training.draw_pen import COLORS
from training.draw_shapes import SHAPES

NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}

PLACES: dict[str, tuple[float, float]] = {
    "in the top left corner": (0, 0),
    "in the top right corner": (1, 0),
    "in the bottom left corner": (0, 1),
    "in the bottom right corner": (1, 1),
    "on the left": (0, 0.5),
    "on the right": (1, 0.5),
    "at the top": (0.5, 0),
    "at the bottom": (0.5, 1),
    "in the middle": (0.5, 0.5),
}

# Evaluation asks for these pairs; no training image or caption contains any of them.
HELD_SHAPES: frozenset[tuple[str, str]] = frozenset(
    {
        ("purple", "circle"), ("cyan", "square"), ("gray", "triangle"), ("green", "star"), ("blue", "heart"),
        ("orange", "diamond"), ("brown", "cross"), ("yellow", "ring"), ("pink", "moon"), ("red", "square"),
        ("white", "star"), ("black", "heart"),
    }
)  # fmt: skip
HELD_BACKGROUNDS: frozenset[tuple[str, str]] = frozenset(
    {
        ("red", "blue"), ("orange", "purple"), ("yellow", "green"), ("green", "pink"), ("blue", "orange"),
        ("purple", "yellow"), ("pink", "brown"), ("brown", "cyan"), ("black", "red"), ("white", "gray"),
        ("gray", "black"), ("cyan", "white"),
    }
)  # fmt: skip
HELD_ROOFS: frozenset[tuple[str, str]] = frozenset(
    {
        ("yellow", "red"), ("white", "blue"), ("pink", "green"), ("blue", "orange"),
        ("red", "black"), ("gray", "purple"), ("orange", "gray"),
    }
)  # fmt: skip

# Colors that even people find hard to tell apart are not drawn on each other.
ALIKE = frozenset({("gray", "brown"), ("brown", "gray"), ("red", "brown"), ("brown", "red"), ("brown", "black")})

_OPENINGS = ("a drawing of ", "a picture of ", "an image of ", "a photo of ", "an illustration of ", "a painting of ")
_ENDINGS = (", detailed", ", high quality", ", beautiful", ", simple", ", best quality", ", colorful", ", clean")


def article(phrase: str) -> str:
    """Put "a" or "an" before a phrase."""
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def plural(noun: str) -> str:
    """Return the plural of a noun; only the nouns that captions use are supported."""
    if noun.endswith(("s", "sh", "ch", "x")):
        return noun if noun == "fish" else noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def counted(count: int, phrase: str, noun: str) -> str:
    """Return a counted noun phrase: "a red star" or "three red stars"."""
    if count == 1:
        return article(f"{phrase}{noun}")
    return f"{NUMBERS[count]} {phrase}{plural(noun)}"


def framed(sentence: str, rng: random.Random) -> str:
    """Add words that do not affect the image, so that the model learns to ignore them."""
    if rng.random() < 0.10:
        sentence = rng.choice(_OPENINGS) + sentence
    if rng.random() < 0.08:
        sentence += rng.choice(_ENDINGS)
    if rng.random() < 0.03:
        sentence += ", " + "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 8)))
    return sentence


def shape_and_color(rng: random.Random, background: str = "") -> tuple[str, str]:
    """Pick a shape and a color; neither the pair nor the color on this background is held out from training."""
    while True:
        shape, color = rng.choice(list(SHAPES)), rng.choice(list(COLORS))
        if (color, shape) not in HELD_SHAPES and may_stand_on(color, background):
            return shape, color


def may_stand_on(color: str, background: str) -> bool:
    """Return True if training may show a color on a background."""
    if not background:
        return True
    pair = (color, background)
    return color != background and pair not in HELD_BACKGROUNDS and pair not in ALIKE
