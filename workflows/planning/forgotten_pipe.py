"""Hint at a forgotten `|` in the errors of a line: `t2i a fox --steps 2 grid`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from invocations.language.errors import LanguageError
from invocations.language.source import Source
from invocations.language.tokens import SWEEP
from invocations.language.tree import Stage


def with_pipe_hints(
    errors: Iterable[LanguageError], stages: Sequence[Stage], source: Source, commands: Collection[str]
) -> list[LanguageError]:
    """Return the errors of a line; those about a surplus word that is a command get a hint to write `|` before it.

    A word in a `sweep` stage, which takes no commands but values, keeps its own hint.
    """
    found = []
    begin = stages[0].span.end if stages and stages[0].command.text == SWEEP else 0
    for error in errors:
        word = source.text[error.span.start : error.span.end]
        is_command = error.code == "surplus_word" and error.span.start >= begin and word in commands
        found.append(replace(error, hint=f"write `|` before `{word}`") if is_command else error)
    return found
