"""Colors as strings: `transparent`, and all forms that Pillow knows.

`workflows` converts every color in a line to hexadecimal. Color names still occur in the defaults of nodes and in
graphs built in Python; Pillow knows all of them.
"""

from __future__ import annotations

from PIL import ImageColor

from .errors import BadImageInput
from .modes import DEEP

RGBA = tuple[int, int, int, int]
Fill = int | tuple[int, ...]
FORMS = "a CSS name, #rgb[a], #rrggbb[aa], rgb(), rgba(), hsl(), hsv() or hsb()"


def parse_color(text: str) -> RGBA:
    """Return red, green, blue and alpha, 0 to 255 each. Raises: BadImageInput."""
    word = text.strip().lower()
    if word == "transparent":
        return (0, 0, 0, 0)
    try:
        parts = ImageColor.getrgb(word if word.isascii() else "")
    except ValueError:
        raise BadImageInput(f"`{text}` is not a color", f"write {FORMS}") from None
    red, green, blue, alpha = (min(255, max(0, part)) for part in (*parts, 255)[:4])
    return red, green, blue, alpha


def fill_for(mode: str, text: str) -> tuple[str, Fill]:
    """Return the smallest mode that can hold both an image of `mode` and the color, and the color in that mode."""
    red, green, blue, alpha = parse_color(text)
    gray = red == green == blue
    if mode == DEEP and gray and alpha == 255:
        return DEEP, red * 257
    colored = mode in ("RGB", "RGBA") or not gray
    transparent = mode in ("LA", "RGBA") or alpha < 255
    fill = (red, green, blue) if colored else (red,)
    if transparent:
        return ("RGBA" if colored else "LA"), (*fill, alpha)
    return ("RGB", fill) if colored else ("L", red)
