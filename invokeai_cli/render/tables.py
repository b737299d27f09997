"""Tables as data and as plain text, which is never cut or wrapped, for files, pipes and programs."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.frozen import frozen
from workflows.shown_text import cells, plain

GAP = 2
WIDEST = 80  # maximum width of a column as plain text; a longer value moves only the rest of its own row


@frozen
class Table:
    """Rows under headings; if `wrapped`, a terminal wraps the last column instead of cutting it.

    fitted: whether the rows already fit the terminal, so that rich, which is slow, need not draw thousands of them.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    wrapped: bool = False
    fitted: bool = False


def column_widths(tables: Sequence[Table]) -> list[int]:
    """Return the widths of the columns, which all tables share."""
    widths = [0] * max((len(table.columns) for table in tables), default=0)
    for row in (row for table in tables for row in (table.columns, *table.rows)):
        for index, value in enumerate(row):
            widths[index] = max(widths[index], cells(plain(value)))
    return widths


def shows_headings(table: Table, index: int) -> bool:
    """Return True if a table shows its headings; a table with a title shares the headings of the first table."""
    return any(table.columns) and (index == 0 or not table.title)


def tables_text(tables: Sequence[Table]) -> str:
    """Return tables as plain text, separated by empty lines."""
    widths = [min(width, WIDEST) for width in column_widths(tables)]
    parts = []
    for index, table in enumerate(tables):
        lines = [_row(table.columns, widths)] if shows_headings(table, index) else []
        lines += [table.title] if table.title else []
        parts.append("\n".join([*lines, *(_row(row, widths) for row in table.rows)]))
    return "\n\n".join(parts)


def _row(values: Sequence[str], widths: Sequence[int]) -> str:
    shown = [plain(value) for value in values]
    padded = [value + " " * (width - cells(value)) for value, width in zip(shown, widths, strict=False)]
    return (" " * GAP).join(padded).rstrip()
