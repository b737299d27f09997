"""What a directive answers: data for programs, tables and text for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from invokeai_cli import exit_status

from .tables import Table, draw_tables


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `schema` names the shape of `data` as "name/1", `text` comes after the tables."""

    schema: str
    data: Any
    tables: tuple[Table, ...] = ()
    text: str = ""
    status: int = exit_status.DONE

    def as_text(self, *, width: int | None, color: bool) -> str:
        """Return the answer as people read it."""
        drawn = draw_tables(self.tables, width=width, color=color) if self.tables else ""
        return "\n\n".join(part for part in (drawn, self.text) if part)
