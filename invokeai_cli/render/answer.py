"""What a directive answers: data for programs; tables, text or a help page for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invokeai_cli import exit_status

from .tables import Table, draw_tables

if TYPE_CHECKING:
    from workflows.manual.page import Page


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `schema` names the shape of `data` as "name/1", `text` follows the tables.

    page: a help page, which a terminal draws instead of the text.
    """

    schema: str
    data: Any
    tables: tuple[Table, ...] = ()
    text: str = ""
    status: int = exit_status.DONE
    page: Page = ()

    def as_text(self, *, width: int | None, color: bool) -> str:
        """Return the answer as text for people."""
        drawn = draw_tables(self.tables, width=width, color=color) if self.tables else ""
        return "\n\n".join(part for part in (drawn, self.text) if part)
