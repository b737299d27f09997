"""Decide whether a refused line may be valid with results from a pipe, without importing the code that reads them."""

from __future__ import annotations

from typing import Final

from invocations.language.errors import Refusal
from invokeai_cli.environment import Environment

# error code of a line that begins with `|`, which always waits for standard input
LEADING_BAR: Final = "nothing_before"
# codes of errors that input from standard input may resolve
SUPPLIED: Final = frozenset({"missing_input", "unknown_reference", LEADING_BAR})
# codes of errors about a word that belongs to another input if something is piped in
SHIFTED: Final = frozenset({"nothing_matches", "image_unreadable"})


def needs_input(environment: Environment, refusal: Refusal) -> bool:
    """Return True if a refused line may be valid with input from standard input.

    Raises: Refusal, with only the errors that such input cannot resolve, if there are any.
    """
    codes = {error.code for error in refusal.errors}
    if not codes & SUPPLIED or not environment.stdin_has_data(LEADING_BAR in codes):
        return False
    others = [error for error in refusal.errors if error.code not in SUPPLIED | SHIFTED]
    if others:
        raise Refusal(others, refusal.source)
    return True
