"""Text on a contact sheet: break labels into lines, choose the size of their font, and shorten what does not fit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PIL import ImageDraw

from .fonts import Font, drawable, font_of, missing

Color = tuple[int, ...]
Box = tuple[int, int, int, int]  # left, top, width and height in pixels
DOTS = "..."
SPACING = 4  # pixels between two lines
LINES = 3  # maximum number of lines in a label
NARROW = 3  # in pixels; a narrower space can hardly be seen, so two spaces are drawn
READABLE = 8  # the smallest size of a font in pixels
SMALLER = 2 / 3  # how small the font may become, relative to its usual size, before a label is shortened
WIDE = re.compile(
    "([\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\U0001f300-\U0003ffff])"
)  # characters such as Chinese ones
PIECE = re.compile(r"[,_-]*[^,_-]+[,_-]*|[,_-]+")  # a part of a word between two possible breaks


@dataclass(frozen=True)
class Labels:
    """Labels that share one font size, broken into lines."""

    font: Font
    texts: list[list[str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of lines of the label with the most lines."""
        return max(map(len, self.texts), default=0)

    @property
    def height(self) -> int:
        """The height of the label with the most lines, in pixels."""
        return line_height(self.font) * self.count

    @property
    def width(self) -> int:
        """The width of the longest line in pixels."""
        return max((width_of(line, self.font) for text in self.texts for line in text), default=0)


def laid_out(texts: Sequence[str], width: int, size: int, *, height: int | None = None) -> Labels:
    """Break labels into lines that fit `width` pixels.

    A smaller font is used if all labels, or at least all words, fit in it; what still does not fit is shortened.
    size: the usual size of the font. height: the space for a label in pixels (default: LINES lines)
    """
    lacking, smallest = missing(texts), max(READABLE, int(size * SMALLER))
    cleaned = [drawable(text, lacking) for text in texts]
    tried: list[Labels] = []
    for each in range(size, smallest - 1, -1):
        font = font_of(each, texts)
        found = Labels(font, [[*_lines(text, width, font)] for text in cleaned])
        if found.width <= width and found.count <= _most_lines(found, height):
            return found
        tried.append(found)
    best = next((found for found in tried if found.width <= width), tried[0])
    most = _most_lines(best, height)
    return Labels(best.font, [_shortened(lines, most, width, best.font) for lines in best.texts])


def _most_lines(labels: Labels, height: int | None) -> int:
    return LINES if height is None else max(1, height // line_height(labels.font))


def _lines(text: str, width: int, font: Font) -> Iterator[str]:
    """Yield the lines of a text, which is broken at spaces and inside words that are too wide."""
    line, space = "", " " if font.getlength(" ") >= NARROW else "  "
    for word in text.split():
        joined = f"{line}{space}{word}" if line else word
        if font.getlength(joined) <= width:
            line = joined
        else:
            if line:
                yield line
            *whole, line = _broken_word(word, width, font)
            yield from whole
    if line:
        yield line


def _broken_word(word: str, width: int, font: Font) -> list[str]:
    """Break a word into lines after commas, dashes and underscores, and between wide characters."""
    found = [""]
    for piece in PIECE.findall(word) if font.getlength(word) > width else [word]:
        for part in filter(None, WIDE.split(piece)):
            if found[-1] and font.getlength(found[-1] + part) > width:
                found.append("")
            found[-1] += part
    return found


def _shortened(lines: list[str], most: int, width: int, font: Font) -> list[str]:
    """Return the first `most` lines, cut to a width in pixels; dots show where text is left out."""
    kept = [line if font.getlength(line) <= width else _cut(line, width, font) for line in lines[:most]]
    if len(lines) > most and not kept[-1].endswith(DOTS):
        kept[-1] = _cut(kept[-1], width, font)
    return kept


def _cut(line: str, width: int, font: Font) -> str:
    """Shorten a line of text and append dots, so that it is at most `width` pixels wide."""
    while line and font.getlength(line + DOTS) > width:
        line = line[:-1]
    return line.rstrip() + DOTS


def line_height(font: Font) -> int:
    """Return the distance between two lines of text in pixels."""
    return math.ceil(font.getbbox("Ag")[3]) + SPACING


def width_of(text: str, font: Font) -> int:
    """Return the width of a line of text in pixels, rounded up."""
    return math.ceil(font.getlength(text))


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
