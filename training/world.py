"""What the default model can draw, described for users; `training.export` writes it next to the weights."""

from __future__ import annotations

from training.draw_pen import COLORS
from training.draw_plain import PARTS, SIZES
from training.draw_shapes import SHAPES
from training.draw_style import STYLES
from training.draw_things import THINGS
from training.draw_words import NUMBERS, PLACES
from training.parts import SIZES as IMAGE_SIZES

_MORE_PARTS = {"snowman": "hat, scarf", "flower": "center, pot"}


def world() -> dict[str, str]:
    """Return the words that the model knows, by kind.

    Do not change any text here: `world.json` is part of the model's fingerprint, so a change would invalidate all
    cached results.
    """
    parts = {**PARTS, **_MORE_PARTS}
    things = [f"{name} ({parts[name]})" if name in parts else name for name in THINGS]
    corners = [place.removeprefix("in the ") for place in PLACES if place.endswith("corner")]
    sides = [place for place in PLACES if not place.endswith("corner")]
    return {
        "shapes": ", ".join(SHAPES),
        "things": ", ".join([*things, "mountains, snowy mountains"]),
        "colours": ", ".join(COLORS) + "; of things, of their parts in brackets, and of backgrounds",
        "counts": f"{', '.join(['a', *list(NUMBERS.values())[1:]])} (1 to 4); things up to three",
        "sizes": ", ".join(name for name in SIZES if name),
        "places": "; ".join([f"in the {', '.join(corners)}", ", ".join(sides)]),
        "relations": "above, below, to the left of, to the right of, next to, beside, and",
        "backgrounds": "`on a pink background`, `, pink background`, `on pink`",
        "scenes": "in a field, on a hill, on grass, in a garden, in the snow, on the sea, on the road, in space,"
        " among the stars, under water, in the sky; with a white cloud, under a yellow sun, with a moon",
        "times": "by day, at night, at sunset; in winter, in spring, in autumn",
        "styles": ", ".join(words[0] for words in STYLES.values()),
        "pictures": ", ".join(f"{width}x{height}" for width, height in IMAGE_SIZES) + " pixels",
    }
