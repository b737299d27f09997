"""Does a line want what comes through standard input? Only one that is not whole by itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invocations.language.errors import Refusal

if TYPE_CHECKING:
    from invokeai_cli.environment import Environment

BAR: Final = "nothing_before"  # the line begins with a bar: then a pipe is waited for in any case
MENDED: Final = frozenset({"missing_input", "unknown_reference", BAR})  # by what comes through the pipe


def wants_more(environment: Environment, refusal: Refusal) -> bool:
    """Tell whether a refused line may be right with what comes through standard input.

    Raises: Refusal, where something else is wrong with it: only that is told.
    """
    codes = {error.code for error in refusal.errors}
    if not codes & MENDED or not environment.is_fed(BAR in codes):
        return False
    others = [error for error in refusal.errors if error.code not in MENDED]
    if others:
        raise Refusal(others, refusal.source)
    return True
