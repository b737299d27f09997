"""Tables on a terminal, drawn by rich to fit; on a narrow terminal, rows are wrapped, each value after its heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as Grid
from rich.text import Text

from invocations.services.models.base import READY, UNUSABLE
from workflows.shown_text import cells, plain

from .paint import STYLES
from .tables import GAP, Table, column_widths, shows_headings

MIN_LAST = 12  # minimum width of the last column; if there is less room, rows continue on the next line
STATES = {
    "done": "good", "failed": "bad", "stopped": "bad", "cancelled": "bad", "unfinished": "bad", "not run": "dim",
    READY: "good", UNUSABLE: "bad",
}  # fmt: skip


class DrawnTables:
    """Tables with the same column widths, separated by empty lines."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self.widths = column_widths(tables)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the tables as objects that rich can draw."""
        *fixed, last = self.widths or [0]
        used = sum(fixed) + GAP * len(fixed)
        room = options.max_width - used
        narrow = room < max(min(last, MIN_LAST), _longest_word(self.tables))
        widths = [*fixed, min(last, room)]
        for index, table in enumerate(self.tables):
            if index:
                yield Text()
            # on narrow terminals, headings could not stand above their values
            labels = narrow and sum(map(bool, table.columns)) > 1
            headings = [(table.columns, "heading")] if shows_headings(table, index) and not labels else []
            yield from _rows(headings, widths, table, console, narrow=narrow)
            if table.title:
                yield Text(plain(table.title), STYLES["heading"])
            labeled = [_labeled(table.columns, row) if labels else row for row in table.rows]
            yield from _rows([(row, "none") for row in labeled], widths, table, console, narrow=narrow)


Row = tuple[Sequence[str], str]  # the values in a row, and the style of the row


def _rows(rows: Sequence[Row], widths: Sequence[int], table: Table, console: Console, *, narrow: bool) -> RenderResult:
    if narrow:
        for values, style in rows:
            yield from _folded(values, style, console)
    elif rows:
        yield _grid(rows, widths, wrapped=table.wrapped)


def _grid(rows: Sequence[Row], widths: Sequence[int], *, wrapped: bool) -> Grid:
    grid = Grid.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for width in widths[:-1]:
        grid.add_column(no_wrap=True, width=width)
    grid.add_column(no_wrap=not wrapped, overflow="fold" if wrapped else "ellipsis", width=widths[-1])
    for values, style in rows:
        grid.add_row(*(_cell(value, style, index) for index, value in enumerate(values)))
    return grid


def _folded(values: Sequence[str], style: str, console: Console) -> Iterator[Text]:
    """Yield a row without columns, on as many lines as it needs; indent it if it belongs to the row above."""
    margin = "" if values[0].strip() else " " * GAP
    shown = [_cell(value.strip(), style, index) for index, value in enumerate(values) if value.strip()]
    lines = Text(" " * GAP).join(shown).wrap(console, console.width - GAP - len(margin), overflow="fold")
    yield from (Text(margin + " " * GAP * bool(number)) + line for number, line in enumerate(lines))


def _labeled(headings: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return the values in a row without columns; each value except the first follows its heading."""
    first, *rest = values
    labels = [
        f"{heading} " if heading and value.strip() else "" for heading, value in zip(headings[1:], rest, strict=True)
    ]
    return [first, *(label + value.strip() for label, value in zip(labels, rest, strict=True))]


def _longest_word(tables: Sequence[Table]) -> int:
    """Return the width of the longest word in the last columns of wrapped tables; 0 if no table is wrapped."""
    texts = [row[-1] for table in tables if table.wrapped for row in table.rows]
    return max((cells(plain(word)) for text in texts for word in text.split()), default=0)


def _cell(value: str, style: str, index: int) -> Text:
    """Return a value as text for rich, without markup and control characters."""
    state = next((STATES[word] for word in STATES if value.startswith(word)), style)
    return Text(plain(value), STYLES["code" if style == "none" and index == 0 else state], no_wrap=None)
