"""The names of the directives, as data for `workflows`."""

from __future__ import annotations

from typing import Final

from workflows.reserved import ReservedWords

from .directive import rows
from .table import ALIASES, DIRECTIVES

RESERVED: Final = ReservedWords(
    summaries={row.name: row.summary for row in DIRECTIVES.values()},
    lines=tuple(tuple(row.name.split()) for row in rows(DIRECTIVES) if row.takes_line),
    switches={
        row.name: {option.flag: option.help for option in row.options}
        for row in DIRECTIVES.values()
        if row.takes_line and row.options
    },
    aliases=frozenset(ALIASES),
)
