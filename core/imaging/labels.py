"""Text on a contact sheet: break labels into lines, shorten them, and choose a size and a color for them."""

from __future__ import annotations

import math

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Color = tuple[int, ...]
Box = tuple[int, int, int, int]  # left, top, width and height in pixels
DOTS = "..."
SPACING = 4  # pixels between two lines


def font_for(width: int, *, largest: int = 24) -> Font:
    """Return the font for labels of images with this width in pixels; it is part of Pillow."""
    return ImageFont.load_default(max(10, min(largest, width // 14)))


def line_height(font: Font) -> int:
    """Return the distance between two lines of text in pixels."""
    return math.ceil(font.getbbox("Ag")[3]) + SPACING


def width_of(text: str, font: Font) -> int:
    """Return the width of a line of text in pixels, rounded up."""
    return math.ceil(font.getlength(text))


def broken(text: str, width: int, font: Font, lines: int = 1) -> list[str]:
    """Break a text at spaces into at most `lines` lines that fit `width` pixels; what does not fit is shortened."""
    found: list[str] = []
    for word in text.split():
        joined = f"{found[-1]} {word}" if found else word
        if found and (font.getlength(joined) <= width or len(found) == lines):
            found[-1] = joined
        else:
            found.append(word)
    return [shortened(line, width, font) for line in found]


def shortened(line: str, width: int, font: Font) -> str:
    """Return a line of text, with dots in place of its end if it is wider than `width` pixels."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + DOTS) > width:
        line = line[:-1]
    return line + DOTS


def write(
    draw: ImageDraw.ImageDraw, lines: list[str], box: Box, font: Font, color: Color, *, right: bool = False
) -> None:
    """Draw lines of text in the middle of a box, centered or, if `right` is set, aligned to its right edge."""
    left, top, width, height = box
    step = line_height(font)
    top += (height - step * len(lines)) // 2
    for number, line in enumerate(lines):
        free = width - font.getlength(line)
        draw.text((left + (free if right else free / 2), top + step * number + 1), line, fill=color, font=font)


def readable_on(color: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever contrasts with a background."""
    red, green, blue, alpha = color
    dark = alpha > 127 and 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128
    return (255, 255, 255) if dark else (0, 0, 0)
