"""Hints for refused values that were probably meant as several values; a hint proposes only accepted values."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.language.each import DOTS, EachDrawn, EachItem, EachRange, EachText, read_each
from invocations.language.errors import LanguageError
from invocations.language.meant import meant_values
from invocations.language.tokens import split_reference
from invocations.language.tree import Word
from invocations.spec import FieldSpec
from workflows.planning.draft import option
from workflows.values.codecs import ParseError, codec_of
from workflows.values.constraints import number_text, out_of_range
from workflows.values.positions import list_of

from .kinds import is_seed, is_whole, kind_of

RANDOM = ("rand", "auto", "any")  # how a word for a random value may begin


def hint_for(field: FieldSpec, text: str, *, quoted: bool) -> str | None:
    """Return a hint for refused text that could mean several values, or values in another notation."""
    each = read_each(Word(text))
    if list_of(field.type) is not None:
        is_range = each is not None and any(isinstance(item, EachRange) for item in each.items)
        return "a list takes no ranges: write its items, or link the list that `range` returns" if is_range else None
    if each is not None and takes(field, text):  # the text was in quotes
        return f"to use several values, write {text} without quotes"
    if text.startswith("@") and split_reference(text):
        return f"a reference must be the only value: {option(field)} {text}"
    if field.seed and text.lower().startswith(RANDOM):
        return f"leave {option(field)} out for a random seed, or write 4x for four of them"
    return meant_hint(field, text)


def meant_hint(field: FieldSpec, text: str) -> str | None:
    """Return a hint with the values that were probably meant by text that an input refuses, or None."""
    found = meant(field, text)
    if found is not None:
        return f"write {found}"
    for guess in meant_values(text) if kind_of(field) == "numbers" else ():
        each = read_each(Word(guess))
        if each is not None and len(each.items) == 1 and isinstance(range_ := each.items[0], EachRange):
            wrong = range_.numbers(whole=is_whole(field))  # an error's hint states a possible step and count
            ends = takes(field, range_.first) and takes(field, range_.last)
            if isinstance(wrong, LanguageError) and ends and not range_.tail:
                return wrong.hint
    return None


def in_range(field: FieldSpec, range_: EachRange, values: Sequence[int | float]) -> str | None:
    """Return a hint for a range with one end that an input does not accept: the range up to its limit; otherwise None.

    values: the numbers of the range
    """
    first, last = (takes(field, end) for end in (range_.first, range_.last))
    if first == last:
        return None
    if range_.kind in ("/", "?"):  # the number of values stays the same
        ends = range_.first if first else _text(field.ge), range_.last if last else _text(field.le)
    else:
        accepted = [value for value in values if out_of_range(field, value) is None]
        ends = _text(accepted[0]), _text(accepted[-1])
    text = f"{DOTS.join(ends)}{range_.kind}{range_.tail}"
    return f"write {text}" if takes(field, text) else None


def _text(number: float | None) -> str:
    return number_text(number) if number is not None else ""


def meant(field: FieldSpec, text: str) -> str | None:
    """Return the values that were probably meant by text that an input refuses, or None."""
    if kind_of(field) not in ("numbers", "words"):
        return None
    return next((found for found in meant_values(text) if takes(field, found)), None)


def takes(field: FieldSpec, text: str) -> bool:
    """Whether an input accepts this text as one value or as several."""
    each = read_each(Word(text)) if kind_of(field) in ("numbers", "words") else None
    return all(_takes(field, item) for item in (each.items if each is not None else [EachText(text, Word(text).span)]))


def _takes(field: FieldSpec, item: EachItem) -> bool:
    if kind_of(field) != "numbers" and not isinstance(item, EachText):
        return False
    if isinstance(item, EachDrawn):
        return item.error(field.name, is_seed=is_seed(field)) is None
    if isinstance(item, EachRange):
        numbers = item.numbers(whole=is_whole(field))
        return not isinstance(numbers, LanguageError) and not any(out_of_range(field, end) for end in numbers.ends)
    try:
        return out_of_range(field, codec_of(field.type).parse(item.text)) is None
    except ParseError:
        return False
