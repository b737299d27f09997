"""What can be wrong with a line: errors as data, the refusal that carries all of one line, their words.

Refusal         raised by the parser and by planning; holds the source and every error of the line
  LanguageError one error: code, message, span, hint, notes
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .did_you_mean import nearest
from .drawing import draw
from .source import Source, Span

__all__ = ["SYNTAX_CODES", "LanguageError", "Refusal", "draw", "nearest"]

MOST_DRAWN = 20  # of one line: what is beyond a screen helps nobody

SYNTAX_CODES = {
    "unclosed_quote": "a quote is opened and never closed",
    "missing_blank": "a value goes on directly after its closing quote",
    "bad_option": "a word begins with two dashes and is no option",
    "bad_reference": "a word begins with @ and is no reference",
    "bad_name": "the word after `as` cannot be a name",
    "missing_name": "`as` stands at the end of a stage and names nothing",
    "empty_stage": "a bar has no command before or after it",
    "not_a_command": "a stage begins with something other than a command",
    "unfinished_line": "a line ends in a backslash and nothing follows",
    "several_lines": "one line was expected and there are more",
}


@dataclass(frozen=True, slots=True)
class LanguageError:
    """One thing that is wrong, where it is, and what to do next."""

    code: str
    message: str
    span: Span
    hint: str | None = None
    notes: tuple[str, ...] = ()


class Refusal(Exception):
    """A line that is refused as a whole, with all its errors in the order of their places."""

    def __init__(self, errors: Iterable[LanguageError], source: Source) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.span.start, error.span.end)))
        self.source = source
        super().__init__(self.errors, source)

    def __str__(self) -> str:
        drawn = [draw(error, self.source) for error in self.errors[:MOST_DRAWN]]
        if len(self.errors) > MOST_DRAWN:
            drawn.append(f"and {len(self.errors) - MOST_DRAWN} more errors")
        return "\n".join(drawn)
