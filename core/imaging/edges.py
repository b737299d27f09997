"""The labels at the edges of a sheet: a title, a label above each column and one at the left of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .labels import Font, broken, font_for, line_height, width_of
from .sheet import Sheet
from .sizes import Size

LARGEST = 36  # the largest size of the font
LINES = 3  # in a title or above a column
NARROWEST = 8  # the smallest width of row labels, in lines of text; the width of a cell if that is larger


@dataclass(frozen=True)
class Edges:
    """The texts at the edges of a sheet; for empty texts, no space is left."""

    title: str = ""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class Margins:
    """The texts at the edges, broken into lines, and the space that they take in pixels."""

    font: Font | None = None
    title_font: Font | None = None
    title: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    columns: list[list[str]] = field(default_factory=list)
    beside: int = 0  # the width of the row labels
    above: int = 0  # the height of the column labels
    left: int = 0
    top: int = 0


def margins(edges: Edges, room: Size, width: int) -> Margins:
    """Break the texts at the edges of a sheet into lines.

    room: the size of a cell. width: the width of the sheet without its row labels
    """
    if not (edges.title or any(edges.rows) or any(edges.columns)):
        return Margins()
    font = font_for(room[0], largest=LARGEST)
    step = line_height(font)
    rows = [broken(text, max(room[0], NARROWEST * step), font, max(1, room[1] // step)) for text in edges.rows]
    columns = [broken(text, room[0], font, LINES) for text in edges.columns]
    beside = max((width_of(line, font) for text in rows for line in text), default=0)
    above = step * max(map(len, columns), default=0)
    left = beside + step // 2 if beside else 0
    title_font = font_for(room[0] * 5 // 4, largest=LARGEST * 5 // 4)
    title = broken(edges.title, width + left, title_font, LINES)
    top = line_height(title_font) * len(title) + above
    return Margins(font, title_font, title, rows, columns, beside, above, left, top)


def write_edges(sheet: Sheet, found: Margins, gap: int, count: int) -> None:
    """Draw the texts at the edges of a sheet with `count` columns."""
    if found.font is None or found.title_font is None:
        return
    width, height = sheet.box(0)[2:]
    sheet.write(found.title, (gap, gap, sheet.image.width - 2 * gap, found.top - found.above), found.title_font)
    for place, text in enumerate(found.columns):
        sheet.write(text, (sheet.box(place)[0], gap + found.top - found.above, width, found.above), found.font)
    for place, text in enumerate(found.rows):
        sheet.write(text, (gap, sheet.box(place * count)[1], found.beside, height), found.font, right=True)
