"""Refuse words after a name of a `sweep` that were probably meant as a single value, or as another name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from invocations.language.misplaced_words import are_values
from invocations.language.printer import print_value
from invocations.language.source import Span
from invocations.language.tree import Reference, Stage, Value, Word
from invocations.spec import FieldSpec
from workflows.planning.build import Catalog
from workflows.planning.errors import planning_error

from .kinds import kind_of
from .swept_inputs import field_of

NAME_AFTER_COMMA: Final = re.compile(r",(?=[A-Za-z_][\w.-]*=)")  # the comma in `seed=1..3,steps=2,3`


def refuse_bare_words(
    name: str, field: FieldSpec | None, words: Sequence[Word], following: Sequence[Stage], catalog: Catalog
) -> None:
    """Refuse values without quotes that were probably meant otherwise: `prompt=a cat, a dog`, `seed=1..4 steps 1,2`.

    field: the input that takes the values, or None if no stage has one. Raises: PlanningError.
    """
    for word, after in pairwise(words[1:]):
        if not (word.quote or after.quote) and _is_swept(word.text, following, catalog) and are_values(after):
            message = f"the values of `{word.text}` follow the `=` without a space"
            hint = f"write {word.text}={after.text}"
            raise planning_error("missing_value", message, Span(word.span.start, after.span.end), hint)
    command = next((word for word in words[1:] if not word.quote and word.text in catalog), None)
    references = [each.value for stage in following for each in stage.arguments if isinstance(each.value, Reference)]
    is_free = field is None and all(each.output != name for each in references)
    if command is not None and (
        is_free or (command is not words[-1] and field is not None and kind_of(field) != "repeated")
    ):
        message, hint = f"`{command.text}` is a command, not a value of `{name}`", f"write `|` before `{command.text}`"
        raise planning_error("surplus_word", message, command.span, hint)
    _refuse_commas(words, following, catalog, name)
    kind = kind_of(field) if field is not None else "repeated"
    if kind == "repeated" and len(words) > 1 and _has_stray_comma(words):
        hint = f"write {name}=" + " ".join(print_value(Word(text, '"')) for text in _values(words))
        span = Span(words[0].span.start, words[-1].span.end)
        raise planning_error("bad_value", f"values of `{name}` with spaces need quotes", span, hint)


def _has_stray_comma(words: Sequence[Word]) -> bool:
    """Whether a comma stands beside a space, or in one of several words in a row without quotes."""
    rows = [
        [word.text for word in group] for quoted, group in groupby(words, lambda word: bool(word.quote)) if not quoted
    ]
    return any(text.strip(",") != text or ("," in text and len(texts) > 1) for texts in rows for text in texts)


def _values(words: Sequence[Word]) -> Iterator[str]:
    """Yield the values that words with commas between them were meant as; a word in quotes is one value."""
    for quoted, group in groupby(words, lambda word: bool(word.quote)):
        texts = [word.text for word in group]
        yield from texts if quoted else filter(None, map(str.strip, " ".join(texts).split(",")))


def _refuse_commas(words: Sequence[Word], following: Sequence[Stage], catalog: Catalog, name: str) -> None:
    """Refuse names that are separated by commas: `seed=1..3,steps=2,3`. Raises: PlanningError."""
    for word in words:
        parts = [] if word.quote else NAME_AFTER_COMMA.split(word.text)
        names = [part.partition("=")[0] for part in parts[1:]]
        if names and all(_is_swept(each, following, catalog) for each in names):
            message = "the names of a sweep are separated by spaces, not by commas"
            at = word.span.start + len(parts[0])
            first = f"{name}={parts[0].rstrip(',')}" if word is words[0] else parts[0].rstrip(",")
            hint = "write " + " ".join(filter(None, [first, *parts[1:]]))
            raise planning_error("surplus_word", message, Span(at, at + 1), hint)


def notes_on(name: str, field: FieldSpec, words: Sequence[Value]) -> Iterator[str]:
    """Yield a note if words without quotes become several values of an input that takes a text."""
    texts = [word.text for word in words if isinstance(word, Word) and not word.quote]
    if len(texts) == len(words) > 1 and (field.free_text or field.completes == "prompt"):
        whole = print_value(Word(" ".join(texts), '"'))
        yield f"`{name}` has {len(texts)} values, one for each word; for a single one, write {name}={whole}"


def _is_swept(name: str, following: Sequence[Stage], catalog: Catalog) -> bool:
    field = field_of(name, following, catalog)
    return field is not None and bool(kind_of(field))
