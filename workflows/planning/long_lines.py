"""Refuse a line with too many stages or words before it is planned; a server limits them, the terminal does not."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span
from invocations.language.tokens import tokenize


@frozen
class LineLimits:
    """How many stages and how many words (including `|` and options) a line may have."""

    stages: int
    words: int


def too_long(line: Source, limits: LineLimits) -> LanguageError | None:
    """Return the error in a line that is too long, at the first word that is too much; None if it is short enough."""
    if len(line.text) <= limits.stages:  # not even each character can be a stage
        return None
    tokens = tokenize(line)
    bars = [token.span for token in tokens if token.kind == "bar"]
    if len(bars) >= limits.stages:
        return _error("stages", len(bars) + 1, limits.stages, bars[limits.stages - 1], line)
    if len(tokens) > limits.words:
        return _error("words", len(tokens), limits.words, tokens[limits.words].span, line)
    return None


def _error(what: str, found: int, most: int, first: Span, line: Source) -> LanguageError:
    message = f"the line has {found:,} {what}; it can have at most {most:,}"
    return LanguageError("line_too_long", message, Span(first.start, len(line.text)), "divide it into several lines")
