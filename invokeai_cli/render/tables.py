"""Rows into columns of text that fit a terminal, or are whole where nobody's screen is in the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .text import cells, cut, plain

GAP = 2
INDENT = 6  # columns before a word that is too long for its own column
LEAST = 12  # columns that the last column keeps even where the others take all


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `wrapped`: what does not fit goes on in the next line, where it is cut otherwise."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    wrapped: bool = False


def draw_tables(tables: Sequence[Table], *, width: int | None, color: bool = False) -> str:
    """Return tables with common column widths, a blank line between; only the last column is cut or wrapped to fit.

    Where even that is too wide, the values of a row go on in the next line, without columns.
    """
    rows = [row for table in tables for row in table.rows] or [()]
    count = max((len(table.columns) for table in tables), default=0)
    widths = [max((cells(plain(row[i])) for row in rows if i < len(row)), default=0) for i in range(count)]
    for table in tables:
        widths = [max(had, cells(name)) for had, name in zip(widths, table.columns, strict=True)]
    if width is not None and widths:
        widths[-1] = min(widths[-1], max(width - sum(widths[:-1]) - GAP * (count - 1), LEAST))
    narrow = width is not None and sum(widths) + GAP * (count - 1) > width
    parts = []
    for index, table in enumerate(tables):
        lines = [_bold(table.title, color)] if table.title else []
        if any(table.columns) and (index == 0 or not table.title):
            heading = _folded(table.columns, width) if width is not None and narrow else _row(table.columns, widths)
            lines.insert(0, _bold(heading, color))
        if width is not None and narrow and not table.wrapped:
            lines += [_folded(row, width) for row in table.rows]
        else:
            draw = _wrapped if table.wrapped and width is not None else _row
            lines += [draw(row, widths) for row in table.rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _row(values: Sequence[str], widths: Sequence[int]) -> str:
    shown = [cut(plain(value), widths[i]) if i == len(widths) - 1 else plain(value) for i, value in enumerate(values)]
    padded = [value + " " * (widths[i] - cells(value)) for i, value in enumerate(shown)]
    return (" " * GAP).join(padded).rstrip()


def _folded(values: Sequence[str], width: int) -> str:
    """Return a row without columns, in as many lines as it needs; a value that is too long for one is cut."""
    lines: list[str] = []
    for value in (plain(value).strip() for value in values):
        if lines and cells(lines[-1]) + GAP + cells(value) <= width:
            lines[-1] += " " * (GAP if value else 0) + value
        elif value:
            indent = " " * (GAP if lines else 0)
            lines.append(indent + cut(value, width - len(indent)))
    return "\n".join(lines)


def _wrapped(values: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row whose last column goes on below itself; a word too long for it moves into a line of its own."""
    *before, last = map(plain, values)
    head = _row((*before, ""), (*widths[: len(before)], 0))
    margin = sum(widths[: len(before)]) + GAP * len(before)
    room, wide = widths[len(before)], margin + widths[len(before)]
    lines, at = [head.ljust(margin)], margin
    for word in re.findall(r"\s*\S+", last):
        bare = word.lstrip()
        if cells(lines[-1] + word) > wide and lines[-1].strip():
            at = margin if cells(bare) <= room else min(margin, INDENT)
            lines.append(" " * at + bare)
        else:
            lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text
