"""Rows into columns of text that fit a terminal, or are whole where nobody's screen is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .screen import cells, cut, plain

GAP = 2
LEAST = 12  # columns that the last column keeps even where the others take all


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; rows under a `groups` title where there are several tables in one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


def draw_tables(tables: Sequence[Table], *, width: int | None, color: bool = False) -> str:
    """Return tables with common column widths, a blank line between them; only the last column is cut to fit."""
    rows = [row for table in tables for row in table.rows] or [()]
    count = max((len(table.columns) for table in tables), default=0)
    widths = [max((cells(plain(row[i])) for row in rows if i < len(row)), default=0) for i in range(count)]
    for table in tables:
        widths = [max(had, cells(name)) for had, name in zip(widths, table.columns, strict=True)]
    if width is not None and widths:
        widths[-1] = min(widths[-1], max(width - sum(widths[:-1]) - GAP * (count - 1), LEAST))
    parts = []
    for index, table in enumerate(tables):
        lines = [_bold(table.title, color)] if table.title else []
        if any(table.columns) and (index == 0 or not table.title):
            lines.insert(0, _bold(_row(table.columns, widths), color))
        parts.append("\n".join(lines + [_row(row, widths) for row in table.rows]))
    return "\n\n".join(parts)


def _row(values: Sequence[str], widths: Sequence[int]) -> str:
    shown = [cut(plain(value), widths[i]) if i == len(widths) - 1 else plain(value) for i, value in enumerate(values)]
    padded = [value + " " * (widths[i] - cells(value)) for i, value in enumerate(shown)]
    return (" " * GAP).join(padded).rstrip()


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text
