"""The names that a `sweep` stage declares, each with the input that it feeds and with the values as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from invocations.frozen import frozen
from invocations.language.declarations import DeclaredName
from invocations.language.each import EachItem, EachRange, EachText, read_each
from invocations.language.ranges import read_number, read_whole
from invocations.language.source import Span
from invocations.language.tree import Stage, Value, Word
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.planning.build import Catalog
from workflows.planning.draft import Content, Draft, Several
from workflows.planning.errors import planning_error

from .bare_words import refuse_bare_words
from .hints import takes
from .kinds import kind_of
from .range_words import range_of
from .swept_inputs import field_of

COMMAND = "sweep"


@frozen
class Written:
    """A name and the values written for it, which are read as values of the input `field`.

    used: whether a stage has an input of this name
    values: the values, if they have been read already
    table: the name of the table that the values come from; "" if they are written in the line
    rows: the place of each value in the table
    """

    field: FieldSpec
    parts: tuple[EachItem, ...]
    span: Span
    used: bool
    table: str = ""
    rows: Sequence[str] = ()
    values: Sequence[Any] = ()

    @property
    def name(self) -> str:
        return self.field.name


def declared(declaration: DeclaredName, following: Sequence[Stage], catalog: Catalog) -> Written:
    """Return a name with its values. following: the stages after `sweep`. Raises: PlanningError."""
    name = declaration.name if "." in declaration.name else declaration.name.replace("-", "_")
    words = [value for value in declaration.values if isinstance(value, Word)]
    if len(words) < len(declaration.values):
        reference = next(value for value in declaration.values if not isinstance(value, Word))
        message = "`sweep` takes values, not references"
        raise planning_error("not_linkable", message, reference.span, in_its_stage(name, reference, following, catalog))
    field = field_of(name, following, catalog)
    refuse_bare_words(name, field, words, following, catalog)
    parts = tuple(_parts(field, words) if field is not None else _items(words))
    found = field or guessed(name, [text for part in parts for text in _texts(part)])
    span = words[0].span if len(words) == 1 else Span(words[0].span.start, words[-1].span.end)
    if not kind_of(found):
        message = f"`{name}` takes {found.type}, which cannot be swept"
        raise planning_error("bad_value", message, declaration.name_span)
    return Written(found, parts, span, field is not None)


def in_its_stage(name: str, reference: Value, following: Sequence[Stage], catalog: Catalog) -> str:
    """Return a hint that states where to write a reference instead of in `sweep`."""
    own = name.rpartition(".")[2]
    uses = [stage.command.text for stage in following if field_of(name, [stage], catalog) is not None]
    if not uses:
        return f"write `{reference}` in the stage that uses it"
    return f"write it in the stage that uses it: {uses[0]} --{own.replace('_', '-')} {reference}"


def guessed(name: str, texts: Sequence[str]) -> FieldSpec:
    """Return an input for a name that no stage has; its type (int, float or str) is the first that fits all values."""
    if all(map(read_whole, texts)):
        return FieldSpec(name, FieldType("int"), name)
    return FieldSpec(name, FieldType("float" if all(map(read_number, texts)) else "str"), name)


def draft_of(stage: Stage, names: Mapping[str, Written]) -> Draft:
    """Return a draft of the stage with the names as its inputs."""
    fields = tuple(each.field for each in names.values())
    spec = InvocationSpec(COMMAND, COMMAND, COMMAND, COMMAND, "1.0.0", fields, ())
    contents = {
        name: Content(Several(each.parts, each.values, [each.span] * len(each.values)), "written", each.span)
        for name, each in names.items()
    }
    return Draft(stage, spec, contents)


def _items(words: Sequence[Word]) -> Iterator[EachItem]:
    """Yield the values of a name that no stage has as an input: numbers, ranges and strings."""
    for word in words:
        each = read_each(word)
        yield from each.items if each is not None else [_text(word)]


def _texts(part: EachItem) -> tuple[str, ...]:
    """Return the strings that are numbers if the value is numeric: the ends and the tail of a range, or the text."""
    return (part.first, part.last, part.tail or "0") if isinstance(part, EachRange) else (part.text,)


def _plain_parts(words: Sequence[Word]) -> Iterator[EachItem]:
    """Yield the values of an input that takes text: the words, split at commas unless they are quoted."""
    for word in words:
        each = read_each(word)
        yield from (EachText(part.text, part.span) for part in each.items) if each else [_text(word)]


def _parts(field: FieldSpec, words: Sequence[Word]) -> Iterator[EachItem]:
    """Yield the values of an input. Raises: PlanningError."""
    kind = kind_of(field)
    if kind == "repeated" or field.type.base == "list":
        yield from _plain_parts(words)
        return
    if len(words) > 1:
        if (range_ := range_of(field, words)) is not None:
            span = Span(words[0].span.start, words[range_[0] - 1].span.end)
            hint = range_[1].replace("write ", f"write {field.name}=", 1)
            raise planning_error("surplus_word", "a range is written without spaces", span, hint)
        joined = ",".join(text for word in words if (text := word.text.strip(",")))
        hint = f"write {field.name}={joined}" if takes(field, joined) else "write the values right after the `=`"
        raise planning_error(
            "surplus_word", f"the values of `{field.name}` are separated by commas", words[1].span, hint
        )
    each = read_each(words[0])
    yield from each.items if each is not None else [_text(words[0])]


def _text(word: Word) -> EachText:
    return EachText(word.text, word.span)
