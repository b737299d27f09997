"""The output of a directive: data for programs; tables, text or a help page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from invokeai_cli import exit_status

from .tables import Table, tables_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .paint import Paint
    from .screen import Screen

    Page = Callable[[int | None, Paint], str]

MANY_ROWS = 500  # a table of more rows is drawn without rich, and without color, if it fits the terminal as it is


@frozen
class Answer:
    """The output of one directive; `schema` is the schema of `data`, such as "name/1".

    head, text: what comes before and after the tables
    page: draws a help page in color for a given width; a terminal shows it instead of the text.
    """

    schema: str
    data: Any
    tables: tuple[Table, ...] = ()
    text: str = ""
    status: int = exit_status.DONE
    page: Page | None = None
    head: str = ""

    def as_text(self) -> str:
        """Return the answer as plain text."""
        return _joined(self.head, tables_text(self.tables), self.text)

    def draw(self, screen: Screen) -> str:
        """Return the answer as text; on a terminal, rich draws the tables, and a help page is colored."""
        if self.page and screen.out_color:
            return self.page(screen.out_width, screen.out_paint)
        is_long = sum(len(table.rows) for table in self.tables if table.fitted) > MANY_ROWS
        if not self.tables or is_long or (screen.out_width is None and not screen.out_color):
            return self.as_text()
        from .rich_console import draw
        from .rich_tables import DrawnTables

        return _joined(self.head, draw(screen.out_console(), DrawnTables(self.tables)), self.text)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
