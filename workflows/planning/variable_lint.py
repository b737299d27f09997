"""Warnings about `$name`, which is text, and about `${name}` where no variable is set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invocations.language.tokens import is_name, tokenize
from invocations.language.variables import segments, sets_itself, uses

if TYPE_CHECKING:
    from .plan import Plan


def lint_variables(plan: Plan) -> Iterator[str]:
    """Yield a warning for each `$name` and unset `${name}` in the strings of a line, except in single quotes."""
    texts = [value for value in plan.values if value.span is not None and isinstance(value.value, str)]
    spans = [value.span for value in texts if value.span is not None]
    found: dict[str, None] = {}
    kept = " ".join(str(value.value) for value in texts)
    unset: dict[str, None] = {}
    for token in tokenize(plan.source):
        if "$" in token.text and token.text[:1] != "'":
            inside = any(span.start <= token.span.start and token.span.end <= span.end for span in spans)
            parts = segments(token.value, token.literals) if inside else ()
            found |= dict.fromkeys(name for part in parts for name in mistaken(part))
            escaped = [token.value[place:] for place in token.literals]
            unset |= dict.fromkeys(
                use.name
                for part in parts
                for use in uses(part)
                if kept.count(use.text) > sum(text.startswith(use.text) for text in escaped)
                and not sets_itself(token.value, use.name)
            )
    for name in found:
        yield f"`${name}` is read as text; to use the variable, write `${{{name}}}`"
    for name in unset:
        setting = f"`let {name} = VALUE` in a script or at the interactive prompt"
        yield f"`${{{name}}}` is read as text; to make it a variable: {setting}"


def mistaken(text: str) -> Iterator[str]:
    """Yield the name in each `$name` of a string; digits, as in `$20`, and other characters do not form names."""
    pieces = text.split("$")
    for place, piece in enumerate(pieces):
        if not place or (place > 1 and not pieces[place - 1]):  # `$$` separates the parts of a group: {2$$a|b}
            continue
        end = next((at for at, char in enumerate(piece) if not (char.isalnum() or char == "_")), len(piece))
        if is_name(piece[:end]):
            yield piece[:end]
