"""Is what a line gives handed over? Where standard output is a pipe that another process of the shell's line reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invokeai_cli.directives.reserved import RESERVED
from workflows.scripts.source import STANDARD_INPUT

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

NO_LINES: Final = (STANDARD_INPUT, "__complete")


def feeds(shell: Shell) -> bool | None:
    """Tell whether our results are handed over; None where nobody can tell who reads them."""
    line = shell.command_line
    first = line.words[0].split()[:1] if line.words else []
    if not first or line.format != "human" or line.help or line.version:
        return False
    if first[0] in RESERVED or first[0] in NO_LINES:
        return False
    return shell.environment.feeds()
