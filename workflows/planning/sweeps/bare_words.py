"""Refuse words after a name of a `sweep` that were probably meant as a single value, or as another name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from invocations.language.misplaced_words import are_values
from invocations.language.printer import print_value
from invocations.language.source import Span
from invocations.language.tree import Reference, Stage, Value, Word
from invocations.spec import FieldSpec
from workflows.planning.build import Catalog
from workflows.planning.errors import planning_error

from .kinds import kind_of
from .swept_inputs import field_of


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
    kind = kind_of(field) if field is not None else "repeated"
    ends = [word.text.startswith(",") or word.text.endswith(",") for word in words if not word.quote]
    if kind == "repeated" and len(words) > 1 and any(ends):
        texts = [text for part in " ".join(word.text for word in words).split(",") if (text := part.strip())]
        hint = f"write {name}=" + " ".join(print_value(Word(text, '"')) for text in texts)
        span = Span(words[0].span.start, words[-1].span.end)
        raise planning_error("bad_value", f"values of `{name}` with spaces need quotes", span, hint)


def notes_on(name: str, field: FieldSpec, words: Sequence[Value]) -> Iterator[str]:
    """Yield a note if words without quotes become several values of an input that takes a text."""
    texts = [word.text for word in words if isinstance(word, Word) and not word.quote]
    if len(texts) == len(words) > 1 and (field.free_text or field.completes == "prompt"):
        whole = print_value(Word(" ".join(texts), '"'))
        yield f"`{name}` has {len(texts)} values, one for each word; for a single one, write {name}={whole}"


def _is_swept(name: str, following: Sequence[Stage], catalog: Catalog) -> bool:
    field = field_of(name, following, catalog)
    return field is not None and bool(kind_of(field))
