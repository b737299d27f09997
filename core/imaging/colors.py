"""Colours as people write them: CSS names, #rgb, #rrggbb, #rrggbbaa, rgb(), hsl(), `transparent`."""

from __future__ import annotations

from difflib import get_close_matches

from PIL import ImageColor

from .errors import BadPictureInput
from .modes import DEEP

RGBA = tuple[int, int, int, int]
Fill = int | tuple[int, ...]


def parse_color(text: str) -> RGBA:
    """Return red, green, blue and alpha, 0 to 255 each. Raises: BadPictureInput."""
    word = text.strip().lower()
    if word == "transparent":
        return (0, 0, 0, 0)
    try:
        parts = ImageColor.getrgb(word)
    except ValueError:
        near = get_close_matches(word, ImageColor.colormap, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "write a CSS name such as `teal`, or #rrggbb"
        raise BadPictureInput(f"`{text}` is no colour", hint) from None
    red, green, blue = (min(255, max(0, part)) for part in parts[:3])
    return red, green, blue, parts[3] if len(parts) == 4 else 255


def fill_for(mode: str, text: str) -> tuple[str, Fill]:
    """Return the least mode that holds both pictures of `mode` and the colour, and the colour in that mode."""
    red, green, blue, alpha = parse_color(text)
    grey = red == green == blue
    if mode == DEEP and grey and alpha == 255:
        return DEEP, red * 257
    coloured = mode in ("RGB", "RGBA") or not grey
    see_through = mode in ("LA", "RGBA") or alpha < 255
    fill = (red, green, blue) if coloured else (red,)
    if see_through:
        return ("RGBA" if coloured else "LA"), (*fill, alpha)
    return ("RGB", fill) if coloured else ("L", red)
