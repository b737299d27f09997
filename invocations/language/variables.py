"""Variables of scripts and inputs of recipes: `${name}` inside a value; in a recipe, also `${name=default}`.

In single quotes, and after a backslash in double quotes, `${name}` is plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from invocations.frozen import frozen

from .source import Source
from .tokens import is_name, tokenize

MARK, CLOSE, EQUALS = "${", "}", "="


@frozen
class Use:
    """One `${name}` or `${name=default}` and its position in the string."""

    name: str
    start: int
    end: int
    default: str | None = None

    @property
    def text(self) -> str:
        """The text of the variable as written."""
        return MARK + self.name + ("" if self.default is None else EQUALS + self.default) + CLOSE


def uses(text: str) -> Iterator[Use]:
    """Yield every well-formed `${name}` in a string."""
    start = text.find(MARK)
    while start >= 0:
        end = start + len(MARK)
        while end < len(text) and (text[end].isalnum() or text[end] in "_-"):
            end += 1
        name = text[start + len(MARK) : end]
        if text.startswith(CLOSE, end) and is_name(name):
            yield Use(name, start, end + len(CLOSE))
        start = text.find(MARK, end)


def declared(text: str) -> Iterator[Use]:
    """Yield every `${name}` and every `${name=default}` in a string; a default ends at the next `}`."""
    start = text.find(MARK)
    while start >= 0:
        close = text.find(CLOSE, start)
        name, equals, default = text[start + len(MARK) : max(close, start)].partition(EQUALS)
        if close >= 0 and is_name(name):
            yield Use(name, start, close + len(CLOSE), default if equals else None)
        start = text.find(MARK, start + len(MARK))


def sets_itself(text: str, name: str) -> bool:
    """Whether a string sets a variable of its own, as in the template `${name={red|blue}}`."""
    return f"{MARK}{name}{EQUALS}" in text.replace(" ", "")


def segments(text: str, literals: Iterable[int]) -> list[str]:
    """Split a string at each `$` that begins no variable, and return the parts."""
    parts, at = [], 0
    for place in literals:
        parts.append(text[at:place])
        at = place + 1
    return [*parts, text[at:]]


def substitute(text: str, value: Callable[[str], str]) -> str:
    """Replace each `${name}` in a string with its value; the values are not expanded again."""
    parts, at = [], 0
    for use in uses(text):
        parts += [text[at : use.start], value(use.name)]
        at = use.end
    return "".join([*parts, text[at:]])


def used_names(source: Source) -> set[str]:
    """Return the names of the variables used in a line."""
    tokens = [token for token in tokenize(source) if token.kind != "comment" and not token.text.startswith("'")]
    return {
        use.name
        for token in tokens
        if MARK in token.text
        for part in segments(token.value, token.literals)
        for use in uses(part)
    }
