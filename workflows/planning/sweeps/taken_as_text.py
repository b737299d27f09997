"""Hint at values that a stage took as text, in the error of a stage that expects several results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from invocations.language.each import read_each, split_items
from invocations.language.errors import LanguageError
from invocations.language.printer import as_word, print_value
from invocations.language.tree import Option, Positional, Stage, Word
from invocations.spec import InvocationSpec
from workflows.planning.bind import find_field
from workflows.planning.build import Catalog
from workflows.planning.draft import option

from .forgotten import NO_AXIS
from .kinds import kind_of


def with_value_hints(errors: Iterable[LanguageError], stages: Sequence[Stage], catalog: Catalog) -> list[LanguageError]:
    """Return the errors; those that follow from values taken as text get a hint that states how to write them."""
    found = []
    for error in errors:
        before = [stage for stage in stages if stage.span.end <= error.span.start] if error.code in NO_AXIS else []
        hints = [hint for stage in before if (hint := _hint(stage, catalog.get(stage.command.text))) is not None]
        found.append(replace(error, hint=hints[0]) if hints else error)
    return found


def _hint(stage: Stage, spec: InvocationSpec | None) -> str | None:
    if spec is None:
        return None
    declared = list(_declared(stage, spec))
    if any(several for _, _, several in declared):
        words = " ".join(word for word, _, _ in declared)
        return f"`{words}` was taken as text: write {' '.join(meant for _, meant, _ in declared)}"
    return next(_repeated(stage, spec), None)


def _declared(stage: Stage, spec: InvocationSpec) -> Iterator[tuple[str, str, bool]]:
    """Yield each word such as `seed=1..3`, the option that it means, and whether it has several values."""
    for each in stage.arguments:
        if isinstance(each, Positional) and isinstance(each.value, Word) and not each.value.quote:
            name, equals, values = each.value.text.partition("=")
            field = spec.input(name.replace("-", "_")) if equals and values else None
            if field is not None:
                yield each.value.text, f"{option(field)} {values}", read_each(Word(values)) is not None


def _repeated(stage: Stage, spec: InvocationSpec) -> Iterator[str]:
    """Yield a hint for each option with a text that contains a comma: several texts need an option each."""
    for place, each in enumerate(stage.arguments):
        field = find_field(spec, each) if isinstance(each, Option) else None
        follows = [each, *stage.arguments[place + 1 : place + 2]]
        value = next((one.value for one in follows if isinstance(one.value, Word)), None)
        if field is None or value is None or field.type.is_reference or kind_of(field) != "repeated":
            continue
        parts = [text.strip() for text, _, _ in split_items(value.text)]
        if len(parts) > 1 and all(parts):
            repeated = " ".join(f"{option(field)} {print_value(as_word(part))}" for part in parts)
            yield f"`{value.text}` is a single text; for {len(parts)} values, write {repeated}"
