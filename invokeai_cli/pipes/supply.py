"""Whether a refused line may be valid with the results of another process; loads nothing that reads them."""

from __future__ import annotations

from typing import Final

from invocations.language.errors import Refusal
from invokeai_cli.environment import Environment

LEADING_BAR: Final = "nothing_before"  # the code of a line that begins with a bar: it waits for a pipe in any case
SUPPLIED: Final = frozenset({"missing_input", "unknown_reference", LEADING_BAR})  # standard input may resolve these
SHIFTED: Final = "nothing_matches"  # with a piped input, a word taken for a file may be the value of another input


def needs_input(environment: Environment, refusal: Refusal) -> bool:
    """Return True if a refused line may be valid with input from standard input.

    Raises: Refusal, if it has other errors: only those are reported.
    """
    codes = {error.code for error in refusal.errors}
    if not codes & SUPPLIED or not environment.stdin_has_data(LEADING_BAR in codes):
        return False
    others = [error for error in refusal.errors if error.code not in SUPPLIED and error.code != SHIFTED]
    if others:
        raise Refusal(others, refusal.source)
    return True
