"""The words that begin a directive, as data for the floor below, and the refusal of nodes named like one."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from workflows.problems import ApplicationError
from workflows.scripts.statements import ReservedWords

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


class NameClash(ApplicationError):
    """A node is named like a directive."""

    code = "name_clash"


def check_clash(types: Container[str]) -> None:
    """Refuse a node or a recipe named like a directive. Raises: NameClash."""
    for word in (*RESERVED, *RESERVED.aliases):
        if word in types:
            raise NameClash(
                f"`{word}` is a shell directive, and a node or a recipe has the same name",
                f"rename the node; the directives are {', '.join(RESERVED)}",
            )
