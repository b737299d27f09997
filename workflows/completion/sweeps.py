"""Complete one of several values, and the words of a `sweep`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from invocations.language.declarations import OPTIONS, ZIP, ZIP_SHORT
from invocations.language.each import DOTS, TAILS
from invocations.spec import FieldSpec, InvocationSpec
from workflows.manual.categories import category_order
from workflows.planning.sweeps.kinds import kind_of
from workflows.values.constraints import facts
from workflows.values.positions import list_of

from .candidate import GAP, Candidate, quoted
from .context import CompletionContext
from .cursor import Cursor
from .upstream import Upstream
from .values import files, values

SUMMARY = "run a line once for each item of the lists that it declares"
TABLES = (".csv", ".tsv", ".jsonl")
CUTS = "cut longer lists to the length of the shortest"


def of_value(
    field: FieldSpec, cursor: Cursor, upstream: Upstream, context: CompletionContext
) -> tuple[list[Candidate], Cursor]:
    """Return the candidates for a value, or for one of several values, and the cursor at the text that they replace.

    In a word such as `euler,dd`, the candidates replace what follows the last comma, `..`, `:`, `/` or `?`.
    """
    at = _last_item(field, cursor.typed) if not cursor.is_quoted else 0
    if not at:
        return values(field, cursor.typed, upstream, context), cursor
    cursor = replace(cursor, typed=cursor.typed[at:], start=cursor.start + at)
    return _inside_a_word(values(field, cursor.typed, upstream, context)), cursor


def of_sweep(cursor: Cursor, upstream: Upstream, context: CompletionContext) -> tuple[Iterable[Candidate], Cursor]:
    """Return the candidates for a word of a `sweep`, and the cursor at the text that they replace."""
    declared = [token.value for token in cursor.stage if token.kind == "option" and token.text == token.value]
    if cursor.option == f"--{ZIP}":
        at = cursor.typed.rfind(",") + 1
        return map(Candidate, declared), replace(cursor, typed=cursor.typed[at:], start=cursor.start + at)
    if cursor.option and not cursor.option.startswith("-"):
        field = _declared_input(context.catalog, cursor.option)
        return of_value(field, cursor, upstream, context) if field is not None else ((), cursor)
    if cursor.typed.startswith("-"):
        return (Candidate(f"--{name}", takes if name != ZIP_SHORT else CUTS) for name, takes in OPTIONS.items()), cursor
    tables = files(cursor.typed, context, TABLES, False) if len(cursor.stage) == 1 else []
    return [*_names(context.catalog, declared), *tables], cursor


def _last_item(field: FieldSpec, typed: str) -> int:
    """Return where the last of several values begins in a word; 0 if the input takes no word with several values."""
    kind, many = kind_of(field), list_of(field.type)
    if kind not in ("numbers", "words") and (many is None or many.args[0].is_reference):
        return 0
    at = typed.rfind(",") + 1
    if kind == "numbers" and (dots := typed.find(DOTS, at)) >= 0:
        at = max(dots + len(DOTS), *(typed.rfind(tail) + 1 for tail in TAILS))
    return at


def _inside_a_word(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that can stand inside a word, without quotes."""
    return [each for each in candidates if each.word[:1] != "@" and "," not in each.word and quoted(each) == each.word]


def _names(catalog: Mapping[str, InvocationSpec], declared: Iterable[str]) -> Iterator[Candidate]:
    """Yield the names that a `sweep` can still declare: the inputs that can take several values."""
    taken = set(declared)
    for spec in sorted(catalog.values(), key=lambda spec: category_order(spec.category)):
        for field in spec.inputs:
            if field.name not in taken and kind_of(field):
                taken.add(field.name)
                yield Candidate(f"{field.name}=", f"{facts(field)}{GAP}{field.description}", int(not field.common))


def _declared_input(catalog: Mapping[str, InvocationSpec], name: str) -> FieldSpec | None:
    """Return the input that a name in a `sweep` stands for: `steps`, or `i2i.strength` for one command."""
    command, _, own = name.rpartition(".")
    specs = [catalog[command]] if command in catalog else catalog.values()
    found = (spec.input(own.replace("-", "_")) for spec in specs)
    return next((field for field in found if field is not None and kind_of(field)), None)
