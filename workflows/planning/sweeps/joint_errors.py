"""One error for several wrong parts of a word: `[1,2]`, `1..8,`, `1...8`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from invocations.language.each import EachItem, EachRange
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.spec import FieldSpec

from .hints import meant, meant_hint, takes
from .kinds import kind_of

OPENING, CLOSING = ("[", "(", "{"), ("]", ")", "}")


def joint_error(field: FieldSpec, parts: Sequence[EachItem], errors: Sequence[LanguageError]) -> LanguageError | None:
    """Return one error that replaces the errors in the parts of a word, or None.

    parts: all parts of the word. errors: the errors in its invalid parts
    """
    whole = ",".join(part.text for part in parts)
    if any(char in parts[0].text for char in OPENING) and parts[-1].text.endswith(CLOSING):
        found = meant(field, whole)
        span = Span(parts[0].span.start, parts[-1].span.end)
        message = f"the values of `{field.name}` are written without brackets"
        return LanguageError("bad_value", message, span, f"write {found}") if found else None
    empty = [part.span.start for part in parts if not part.text and part.span.start == part.span.end]
    if empty and len(empty) == len(errors):
        return _empty(field, whole, empty[0], is_first=not parts[0].text)
    if len(errors) == 1:
        return _range(field, parts, errors[0]) or _odd_one(field, parts, errors[0])
    return None


def _empty(field: FieldSpec, whole: str, at: int, *, is_first: bool) -> LanguageError:
    """Return the error for a comma without a value before it (if `is_first`) or after it. at: its place"""
    found = meant(field, whole)
    message = f"a value of `{field.name}` is missing {'before' if is_first else 'after'} the comma"
    span = Span(at, at + 1) if is_first else Span(at - 1, at)
    return LanguageError("bad_value", message, span, f"write {found}" if found else None)


def _odd_one(field: FieldSpec, parts: Sequence[EachItem], error: LanguageError) -> LanguageError | None:
    """Return the error for one invalid value among numbers, with a hint that leaves it out; None if it has a hint."""
    others = ",".join(part.text for part in parts if part.span != error.span)
    if (
        error.code != "bad_value"
        or error.hint is not None
        or len(parts) < 2
        or kind_of(field) != "numbers"
        or not takes(field, others)
    ):
        return None
    return replace(error, hint=f"leave it out ({others}), or write a number in its place")


def _range(field: FieldSpec, parts: Sequence[EachItem], error: LanguageError) -> LanguageError | None:
    """Return the error for a range in another notation, such as `1...8`, or None."""
    for part in parts:
        is_wrong = part.span.start <= error.span.start and error.span.end <= part.span.end
        is_range = isinstance(part, EachRange) and part.kind not in ("/", "?")
        if is_range and is_wrong and (hint := meant_hint(field, part.text)) is not None:
            return LanguageError(error.code, f"`{part.text}` is not a range", part.span, hint)
    return None
