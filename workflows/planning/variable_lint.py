"""Warnings about `$name`, which is text: a variable of a script is written `${name}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invocations.language.tokens import is_name, tokenize

if TYPE_CHECKING:
    from .plan import Plan


def lint_variables(plan: Plan) -> Iterator[str]:
    """Yield a warning for each `$name` in the strings of a line; in single quotes, it is meant as text."""
    spans = [value.span for value in plan.values if value.span is not None and isinstance(value.value, str)]
    found: dict[str, None] = {}
    for token in tokenize(plan.source):
        if "$" in token.text and token.text[:1] != "'":
            inside = any(span.start <= token.span.start and token.span.end <= span.end for span in spans)
            found |= dict.fromkeys(mistaken(token.text) if inside else ())
    for name in found:
        yield f"`${name}` is text; the variable is written `${{{name}}}`"


def mistaken(text: str) -> Iterator[str]:
    """Yield the name in each `$name` of a string: digits, as in `$20`, and other characters are not names."""
    for piece in text.split("$")[1:]:
        end = next((at for at, char in enumerate(piece) if not (char.isalnum() or char == "_")), len(piece))
        if is_name(piece[:end]):
            yield piece[:end]
