"""Read the words of a `sweep` stage: `sweep seed=1..4 prompt="a, b" "c, d" --where "seed > 2" --limit 6`.

The values stay as they were typed; the inputs that take them determine how they are read.
"""

from __future__ import annotations

from dataclasses import field, replace

from invocations.frozen import frozen

from .did_you_mean import did_you_mean
from .each import split_items
from .errors import LanguageError
from .misplaced_words import continued, declared_instead, is_path, shown, spaced, without_equals
from .ranges import read_whole
from .source import Span
from .tree import Option, Positional, Stage, Value, Word

ZIP, ZIP_SHORT, WHERE, SAMPLE, LIMIT = "zip", "zip-short", "where", "sample", "limit"
OPTIONS = {  # what each option of `sweep` takes
    ZIP: "names that advance together, such as --zip seed,steps",
    ZIP_SHORT: "names, such as --zip-short seed,steps",
    WHERE: "an expression, such as --where 'steps < 30'",
    SAMPLE: "how many items to choose at random, such as --sample 20",
    LIMIT: "how many items to keep at most, such as --limit 20",
}
EXAMPLE = "write for example seed=1..4, or the path of a CSV, TSV or JSONL file"


@frozen
class DeclaredName:
    """A name in a sweep and its values: `seed=1..4`, or `prompt="a, b" "c, d"`."""

    name: str
    values: tuple[Value, ...]
    span: Span = field(compare=False)
    name_span: Span = field(compare=False)


@frozen
class Sweep:
    """The contents of a `sweep` stage.

    table: the path of a file in which each column is a name with its values
    zips: for each `--zip`, the names that advance together, as words with their places
    short: whether longer lists are cut to the length of the shortest: `--zip-short`
    where: an expression that is true for each item to keep
    sample: how many items to choose at random
    limit: how many items to keep at most
    """

    declarations: tuple[DeclaredName, ...] = ()
    table: Word | None = None
    zips: tuple[tuple[Word, ...], ...] = ()
    short: bool = False
    where: Word | None = None
    sample: int | None = None
    limit: int | None = None


def read_declarations(stage: Stage) -> tuple[Sweep, tuple[LanguageError, ...]]:
    """Return the contents of a `sweep` stage as far as they can be read, and all errors in it."""
    errors: list[LanguageError] = []
    found = Sweep()
    rest = list(reversed(stage.arguments))
    current = False  # whether a value without a name belongs to the last declaration
    while rest:
        argument = rest.pop()
        if isinstance(argument, Positional):
            meant = without_equals(argument.value, rest) if not current else None
            if meant is not None:
                errors.append(meant)
            else:
                found = _add_value(found, argument.value, errors, current=current)
            continue
        current = argument.bare
        if argument.bare:
            found = _declare(found, argument, errors, rest)
        else:
            value = _take_value(argument, rest)
            if argument.name in (WHERE, ZIP, ZIP_SHORT) and (more := continued(argument, value, rest)) is not None:
                value, error = more
                errors.append(error)
            found = _add_option(found, argument, value, errors)
    if not found.declarations and found.table is None and not errors:
        message = "`sweep` needs at least one name with values"
        errors.append(LanguageError("missing_value", message, stage.command.span, EXAMPLE))
    short = next((each for each in stage.arguments if isinstance(each, Option) and each.name == ZIP_SHORT), None)
    if short is not None and not (found.zips or errors):
        names = ",".join(each.name for each in found.declarations[:2])
        hint = f"write --zip-short {names}" if "," in names else None
        errors.append(LanguageError("bad_zip", "`--zip-short` needs the names to zip", short.span, hint))
    return found, tuple(errors)


def read_names(word: Word) -> tuple[Word, ...]:
    """Return the names between the commas of a word such as `seed,steps`, each with its place."""
    start = word.span.start + len(word.quote)
    known = word.span.end - word.span.start == len(word.text) + 2 * len(word.quote)
    return tuple(
        Word(text, "", Span(start + at, start + at + length) if known else word.span)
        for text, at, length in split_items(word.text)
    )


def _declare(found: Sweep, written: Option, errors: list[LanguageError], rest: list[Option | Positional]) -> Sweep:
    """Add a declaration with its first value."""
    name, value = written.name, written.value
    assert value is not None
    if any(each.name == name for each in found.declarations):
        hint = f'write all its values after one `{name}=`, such as {name}=1,2 or {name}="a" "b"'
        errors.append(LanguageError("written_twice", f"`{name}` is declared twice", written.name_span, hint))
    elif value == Word("") and rest and isinstance(rest[-1], Positional):
        value = rest.pop().value
        assert value is not None
        errors.append(spaced(name, shown(value), Span(written.span.start, value.span.end)))
    elif value == Word(""):
        hint = f"write its values after the `=`, such as {name}=1..4"
        errors.append(LanguageError("missing_value", f"`{name}` has no values", written.span, hint))
    declaration = DeclaredName(name, (value,), written.span, written.name_span)
    return replace(found, declarations=(*found.declarations, declaration))


def _add_value(found: Sweep, value: Value, errors: list[LanguageError], *, current: bool) -> Sweep:
    """Add a value to the last declaration, or set the path of the table."""
    if current:
        last = found.declarations[-1]
        span = Span(last.span.start, value.span.end)
        longer = replace(last, values=(*last.values, value), span=span)
        return replace(found, declarations=(*found.declarations[:-1], longer))
    if isinstance(value, Word) and is_path(value) and found.table is None and not found.declarations:
        return replace(found, table=value)
    word = value.text if isinstance(value, Word) else str(value)
    if found.table is not None and isinstance(value, Word) and is_path(value):
        errors.append(LanguageError("surplus_word", "`sweep` reads only one table", value.span, f"leave out `{word}`"))
        return found
    errors.append(LanguageError("surplus_word", f"`{word}` is not of the form NAME=VALUES", value.span, EXAMPLE))
    return found


def _take_value(option: Option, rest: list[Option | Positional]) -> Value | None:
    """Return the value of an option, or None; it may be the next argument. `--zip-short` may have no value."""
    if option.value is None and rest and isinstance(rest[-1], Positional):
        value = rest[-1].value
        if option.name != ZIP_SHORT or (isinstance(value, Word) and not is_path(value)):
            return rest.pop().value
    return option.value


def _add_option(found: Sweep, option: Option, value: Value | None, errors: list[LanguageError]) -> Sweep:
    """Add an option and its value, or the error in the option."""
    name = option.name
    wrong = _wrong_option(option, value)
    if wrong is not None:
        errors.append(wrong)
        return found
    if name == ZIP_SHORT and value is None:
        return replace(found, short=True)
    assert isinstance(value, Word)
    if name in (ZIP, ZIP_SHORT):
        return replace(found, zips=(*found.zips, read_names(value)), short=found.short or name == ZIP_SHORT)
    number = read_whole(value.text)
    changes = {"where": value} if name == WHERE else {name: number.units if number else None}
    if getattr(found, name) is not None:
        both = f"({found.where.text}) and ({value.text})" if found.where is not None else ""
        whole = Word(both, "'" if '"' in both else '"')
        hint = f"write --where {shown(whole)}" if name == WHERE else "it takes one value"
        errors.append(LanguageError("written_twice", f"`--{name}` is given twice", option.span, hint))
    return replace(found, **changes)


def _wrong_option(option: Option, value: Value | None) -> LanguageError | None:
    """Return the error in an option or its value, or None."""
    name, takes = option.name, OPTIONS.get(option.name)
    if takes is None or option.short:
        dashed = f"-{name}" if option.short else f"--{name}"
        known = "the options of `sweep` are " + ", ".join(f"--{each}" for each in OPTIONS)
        meant = declared_instead(name, value) if not option.short else None
        hint = did_you_mean(name, OPTIONS, meant or known, prefix="--")
        return LanguageError("unknown_option", f"`sweep` has no option `{dashed}`", option.span, hint)
    if value is None and name == ZIP_SHORT:
        return None
    if value is None:
        return LanguageError("missing_value", f"`--{name}` needs a value", option.span, f"`--{name}` takes {takes}")
    if not isinstance(value, Word):
        return LanguageError(
            "not_linkable", f"`--{name}` takes a value, not a reference", value.span, f"`--{name}` takes {takes}"
        )
    number = read_whole(value.text) if name in (SAMPLE, LIMIT) else None
    if name in (SAMPLE, LIMIT) and (number is None or number.units < 1):
        message = f"`--{name}` takes a whole number of at least 1, not `{value.text}`"
        return LanguageError("bad_value", message, value.span, f"`--{name}` takes {takes}")
    return None
