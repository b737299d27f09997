"""Colors as people write them: CSS names, #rgb, #rrggbb, #rrggbbaa, rgb(), hsl(), `transparent`."""

from __future__ import annotations

from difflib import get_close_matches

from PIL import ImageColor

from .errors import BadImageInput
from .modes import DEEP

RGBA = tuple[int, int, int, int]
Fill = int | tuple[int, ...]


def parse_color(text: str) -> RGBA:
    """Return red, green, blue and alpha, 0 to 255 each. Raises: BadImageInput."""
    word = text.strip().lower()
    if word == "transparent":
        return (0, 0, 0, 0)
    try:
        parts = ImageColor.getrgb(word)
    except ValueError:
        near = get_close_matches(word, ImageColor.colormap, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "write a CSS name such as `teal`, or #rrggbb"
        raise BadImageInput(f"`{text}` is no color", hint) from None
    red, green, blue = (min(255, max(0, part)) for part in parts[:3])
    return red, green, blue, parts[3] if len(parts) == 4 else 255


def fill_for(mode: str, text: str) -> tuple[str, Fill]:
    """Return the least mode that holds both pictures of `mode` and the color, and the color in that mode."""
    red, green, blue, alpha = parse_color(text)
    grey = red == green == blue
    if mode == DEEP and grey and alpha == 255:
        return DEEP, red * 257
    colored = mode in ("RGB", "RGBA") or not grey
    see_through = mode in ("LA", "RGBA") or alpha < 255
    fill = (red, green, blue) if colored else (red,)
    if see_through:
        return ("RGBA" if colored else "LA"), (*fill, alpha)
    return ("RGB", fill) if colored else ("L", red)
