"""Complete one of several values, and the words of a `sweep`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from invocations.language.declarations import ZIP
from invocations.spec import FieldSpec
from workflows.values.constraints import facts

from .candidate import GAP, Candidate, quoted
from .context import CompletionContext
from .cursor import Cursor
from .several import declared_input, inputs_to_declare, last_item, words_of_sweep
from .upstream import Upstream
from .values import files, values

TABLES = (".csv", ".tsv", ".jsonl")


def of_value(
    field: FieldSpec, cursor: Cursor, upstream: Upstream, context: CompletionContext
) -> tuple[list[Candidate], Cursor]:
    """Return the candidates for a value, or for one of several values, and the cursor at the text that they replace.

    In a word such as `euler,dd`, the candidates replace what follows the last comma, `..`, `:`, `/` or `?`.
    """
    at = last_item(field, cursor.typed) if not cursor.is_quoted else 0
    if not at:
        return values(field, cursor.typed, upstream, context), cursor
    cursor = replace(cursor, typed=cursor.typed[at:], start=cursor.start + at)
    return _inside_a_word(values(field, cursor.typed, upstream, context)), cursor


def of_sweep(cursor: Cursor, upstream: Upstream, context: CompletionContext) -> tuple[Iterable[Candidate], Cursor]:
    """Return the candidates for a word of a `sweep`, and the cursor at the text that they replace."""
    declared = [token.value for token in cursor.stage if token.kind == "option" and token.text == token.value]
    if cursor.option == f"--{ZIP}":
        at = cursor.typed.rfind(",") + 1
        names = (Candidate(each, kind="axis") for each in declared)
        return names, replace(cursor, typed=cursor.typed[at:], start=cursor.start + at)
    if cursor.option and not cursor.option.startswith("-"):
        field = declared_input(context.catalog, cursor.option)
        return of_value(field, cursor, upstream, context) if field is not None else ((), cursor)
    if cursor.typed.startswith("-"):
        options = words_of_sweep({}, (), cursor.typed).items()
        return (Candidate(word, about, kind="option") for word, about in options), cursor
    tables = files(cursor.typed, context, TABLES, False) if len(cursor.stage) == 1 else []
    return [*_names(context, declared), *tables], cursor


def _inside_a_word(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that can stand inside a word, without quotes."""
    return [each for each in candidates if each.word[:1] != "@" and "," not in each.word and quoted(each) == each.word]


def _names(context: CompletionContext, declared: list[str]) -> Iterator[Candidate]:
    for field in inputs_to_declare(context.catalog, declared):
        about = f"{facts(field)}{GAP}{field.description}"
        yield Candidate(f"{field.name}=", about, int(not field.common), kind="input", field=field)
