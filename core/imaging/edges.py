"""The labels at the edges of a contact sheet: a title, a label above each column, a label to the left of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .fonts import font_of, size_for
from .labels import Labels, laid_out, line_height
from .sheet import Sheet
from .sizes import Size

LARGEST = 36  # the largest font size
NARROWEST = 8  # row labels may be as wide as a cell, or as this many line heights if that is wider


@dataclass(frozen=True)
class Edges:
    """The labels at the edges of a contact sheet; an empty label takes up no space."""

    title: str = ""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class Margins:
    """The labels at the edges of a contact sheet, broken into lines, and the space that they need, in pixels."""

    title: Labels
    rows: Labels
    columns: Labels
    left: int
    top: int


def margins(edges: Edges, room: Size, width: int) -> Margins:
    """Break the labels at the edges of a contact sheet into lines.

    room: the size of a cell. width: the width of the sheet without its row labels
    """
    size = size_for(room[0], largest=LARGEST)
    step = line_height(font_of(size))
    rows = laid_out(edges.rows, max(room[0], NARROWEST * step), size, height=room[1])
    columns = laid_out(edges.columns, room[0], size)
    left = rows.width + step // 2 if rows.width else 0
    title = laid_out([edges.title], width + left, size_for(room[0] * 5 // 4, largest=LARGEST * 5 // 4))
    between = step // 2 if title.count and columns.count else 0
    return Margins(title, rows, columns, left, title.height + between + columns.height)


def write_edges(sheet: Sheet, found: Margins, gap: int, count: int) -> None:
    """Draw the labels at the edges of a contact sheet with `count` columns."""
    width, height = sheet.box(0)[2:]
    above, beside = found.columns.height, found.rows.width
    sheet.write(found.title.texts[0], (gap, gap, sheet.image.width - 2 * gap, found.title.height), found.title.font)
    for place, text in enumerate(found.columns.texts):
        sheet.write(text, (sheet.box(place)[0], gap + found.top - above, width, above), found.columns.font)
    for place, text in enumerate(found.rows.texts):
        sheet.write(text, (gap, sheet.box(place * count)[1], beside, height), found.rows.font, right=True)
