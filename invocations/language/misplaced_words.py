"""Errors for misplaced words in a `sweep` stage: names without `=`, and values with spaces."""

from __future__ import annotations

from itertools import takewhile

from .each import DOTS, read_each
from .errors import LanguageError
from .ranges import read_number
from .source import Span
from .tokens import is_option
from .tree import Option, Positional, Value, Word

WHERE = "where"


def is_path(word: Word) -> bool:
    _, _, suffix = word.text.rpartition(".")
    return bool(word.quote) or "/" in word.text or (suffix != word.text and suffix[:1].isalpha())


def without_equals(value: Value, rest: list[Option | Positional]) -> LanguageError | None:
    """Return the error for a name that is not directly followed by `=`: `seed 1..4`, `seed = 1..4` or `seed:1..4`.

    The words after the name are removed from `rest`.
    """
    if not isinstance(value, Word) or is_path(value) or (not is_option(value.text) and ":" not in value.text):
        return None
    name, colon, text = value.text.partition(":")
    if colon:
        return spaced(name, text, value.span) if is_option(name) and are_values(Word(text)) else None
    follows = [each.value for each in takewhile(lambda each: isinstance(each, Positional), reversed(rest))]
    words = [value for value in follows[:2] if isinstance(value, Word)]
    texts = [word.text for word in words]
    if not words or not (texts[0].startswith("=") or are_values(words[0])):
        return None
    used = 2 if texts[0] == "=" else 1
    del rest[len(rest) - used :]
    values = "".join(map(shown, words[:used])).removeprefix("=")
    return spaced(name, values, Span(value.span.start, words[:used][-1].span.end))


def are_values(word: Word) -> bool:
    """Whether a word looks like the values of a name: a quoted string, a number, a list or a range."""
    if word.quote or ":" in word.text.partition(DOTS)[0]:
        return bool(word.quote)
    return read_each(word) is not None or read_number(word.text) is not None


def spaced(name: str, values: str, span: Span) -> LanguageError:
    message = f"the values of `{name}` follow the `=` without a space"
    return LanguageError("missing_value", message, span, f"write {name}={values or '1..4'}")


def shown(value: Value) -> str:
    return value.quote + value.text + value.quote if isinstance(value, Word) else str(value)


def continued(
    option: Option, value: Value | None, rest: list[Option | Positional]
) -> tuple[Value, LanguageError] | None:
    """Return the whole value of an option and the error, if the value was written with spaces; otherwise None.

    Such a value is an unquoted expression, or names separated by spaces; its words are removed from `rest`.
    """
    follows = [each.value for each in takewhile(lambda each: isinstance(each, Positional), reversed(rest))]
    words = [each for each in (value, *follows) if isinstance(each, Word) and not each.quote]
    if value is None or len(words) != 1 + len(follows) or not follows:
        return None
    del rest[len(rest) - len(follows) :]
    span = Span(words[0].span.start, words[-1].span.end)
    if option.name == WHERE:
        whole = " ".join(word.text for word in words)
        message, hint = "an expression with spaces needs quotes", f'write --{WHERE} "{whole}"'
        return Word(whole, '"', span), LanguageError("surplus_word", message, span, hint)
    names = ",".join(text for word in words if (text := word.text.strip(",")))
    message = f"the names after `--{option.name}` are separated by commas, without spaces"
    return Word(names, "", span), LanguageError("surplus_word", message, span, f"write --{option.name} {names}")


def declared_instead(name: str, value: Value | None) -> str | None:
    """Return a hint for an unknown option that was meant as a name with values, or as a table; otherwise None."""
    if not isinstance(value, Word):
        return None
    if is_path(value) and not value.quote:
        return f"write only the path: sweep {value.text}"
    if read_number(value.text) is not None:
        return f"to declare a value, write {name}={value.text}"
    return f"write {name}={shown(value)}" if are_values(value) else None
