"""A word that stands for several values is read as items, each with its place; errors point at what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import LanguageError, Source, Span, Word, draw, print_value
from invocations.language.each import (
    EachDrawn,
    EachItem,
    EachRange,
    EachText,
    read_each,
    split_items,
)
from tests.invocations.language.trees import stage


def word(text: str) -> Word:
    (argument,) = stage(f"x {text}").arguments
    assert isinstance(argument.value, Word)
    return argument.value


def items(text: str) -> tuple[EachItem, ...]:
    found = read_each(word(text))
    assert found is not None
    assert found.span == Span(2, 2 + len(text))
    return found.items


def numbers(text: str, *, whole: bool) -> list[int | float]:
    (item,) = items(text)
    assert isinstance(item, EachRange)
    found = item.numbers(whole=whole)
    assert not isinstance(found, LanguageError)
    values = list(found.values())
    assert found.count == len(values)
    return values


def error(text: str, *, whole: bool) -> str:
    (item,) = items(text)
    assert isinstance(item, EachRange)
    found = item.numbers(whole=whole)
    assert isinstance(found, LanguageError)
    assert found.code == "bad_range"
    return draw(found, Source(None, f"x {text}"))


@pytest.mark.parametrize(
    "text", ["20", "euler", "-5", "", "x", "a..b", "..", "../models/x", "a...b", "x4", "-4x", "4.5x"]
)
def test_a_plain_value_is_not_split_into_several_values(text: str) -> None:
    assert read_each(Word(text)) is None


@pytest.mark.parametrize("text", ['"10,20"', "'1..8'", '"4x"', '"a, b"', "\"a,'b'\"", "\"'a, b'\""])
def test_a_word_in_quotes_is_one_value(text: str) -> None:
    assert read_each(word(text)) is None


def test_a_word_in_quotes_with_quoted_items_stands_for_several_values() -> None:
    assert items("\"'a, b','c'\"") == (EachText("a, b", Span(3, 9)), EachText("c", Span(10, 13)))


def test_each_item_has_its_place_in_the_line() -> None:
    assert items("10,1..8:2,4x,euler") == (
        EachText("10", Span(2, 4)),
        EachRange("1..8:2", "1", "8", ":", "2", Span(5, 11)),
        EachDrawn("4x", 4, Span(12, 14)),
        EachText("euler", Span(15, 20)),
    )


@pytest.mark.parametrize("text", ["10,", ",10", "10,,20", ","])
def test_a_missing_item_is_an_empty_text_at_its_place(text: str) -> None:
    found = items(text)
    assert len(found) == text.count(",") + 1
    empty = next(item for item in found if item.text == "")
    assert empty.span.start == empty.span.end == 2 + len(text.partition(",")[0]) + (not text.startswith(",")) * 1


def test_items_from_a_variable_have_the_place_of_the_variable() -> None:
    found = read_each(Word("10,20", "", Span(4, 12)))
    assert found is not None
    assert [item.span for item in found.items] == [Span(4, 12)] * 2


RANGES: list[tuple[str, bool, list[float]]] = [
    ("1..8", True, [1, 2, 3, 4, 5, 6, 7, 8]),
    ("8..1:-1", True, [8, 7, 6, 5, 4, 3, 2, 1]),
    ("-2..2:2", True, [-2, 0, 2]),
    ("-5..-1:4", True, [-5, -1]),
    ("1..10:4", True, [1, 5, 9]),
    ("5..5", True, [5]),
    ("10..50/5", True, [10, 20, 30, 40, 50]),
    ("9..1/3", True, [9, 5, 1]),
    ("0..1:0.1", False, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
    ("3..9:2", False, [3.0, 5.0, 7.0, 9.0]),
    (".3...7:.2", False, [0.3, 0.5, 0.7]),
    ("0..1/4", False, [0, 1 / 3, 2 / 3, 1]),
    ("1..0/3", False, [1, 0.5, 0]),
    ("2..2", False, [2.0]),
    ("1e-3..3e-3:1e-3", False, [0.001, 0.002, 0.003]),
    ("+1..+3:+1", True, [1, 2, 3]),
    ("2..12?6", False, [11.04, 6.42, 2.29, 11.97, 3.12, 5.4]),
    ("1..4?4", True, [4, 3, 2, 1]),
]


@pytest.mark.parametrize(("text", "whole", "expected"), RANGES)
def test_a_range_includes_both_ends(text: str, whole: bool, expected: list[float]) -> None:
    found = numbers(text, whole=whole)
    assert found == expected
    assert {type(each) for each in found} == {int if whole else float}


def test_a_range_of_a_thousand_million_numbers_is_counted_without_creating_them() -> None:
    (item,) = items("1..1000000000")
    assert isinstance(item, EachRange)
    found = item.numbers(whole=True)
    assert not isinstance(found, LanguageError)
    assert found.count == 10**9


FORMS = "ranges are written 1..8, 1..8:2 (a step), 1..8/4 (how many) or 1..8?4 (how many random numbers)"
ERRORS = [
    ("8..1", True, "^^^^", "the range `8..1` is empty", "write 1..8, or 8..1:-1 to count down"),
    ("8..1:2", True, "^^^^^^", "the range `8..1:2` is empty", "write 1..8:2, or 8..1:-2 to count down"),
    ("1..8:-1", True, "^^^^^^^", "the range `1..8:-1` is empty", "write 1..8, or 8..1:-1 to count down"),
    ("1..0:.25", False, "^^^^^^^^", "the range `1..0:.25` is empty", "write 0..1:0.25, or 1..0:-0.25 to count down"),
    ("1..8:0", True, "     ^", "the step of a range cannot be 0", "write for example 1..8:1"),
    ("8..1:0", True, "     ^", "the step of a range cannot be 0", "write for example 8..1:-1"),
    (
        "0..1",
        False,
        "^^^^",
        "the range `0..1` needs a step or a count",
        "write 0..1:0.1 (a step) or 0..1/11 (how many)",
    ),
    ("3..9", False, "^^^^", "the range `3..9` needs a step or a count", "write 3..9:1 (a step) or 3..9/7 (how many)"),
    ("9..3", False, "^^^^", "the range `9..3` needs a step or a count", "write 9..3:-1 (a step) or 9..3/7 (how many)"),
    ("1..x", True, "   ^", "`x` is not a whole number", FORMS),
    ("x..8", False, "^", "`x` is not a number", FORMS),
    ("1.5..8", True, "^^^", "`1.5` is not a whole number", FORMS),
    ("1..", True, "   ^", "a whole number is missing in this range", FORMS),
    ("..8", False, "^", "a number is missing in this range", FORMS),
    ("1..8:x", True, "     ^", "`x` is not a whole number", FORMS),
    ("1..8:.5", True, "     ^^", "`.5` is not a whole number", FORMS),
    ("1..8:", True, "     ^", "a whole number is missing in this range", FORMS),
    ("1..8..9", True, "   ^^^^", "`8..9` is not a whole number", FORMS),
    ("1..8:2/4", True, "    ^^^^", "a range takes only one of :STEP, /COUNT and ?COUNT", FORMS),
    ("1..8/4?2", True, "    ^^^^", "a range takes only one of :STEP, /COUNT and ?COUNT", FORMS),
    ("1..8/0", True, "     ^", "`0` is not a number of items", "write for example 1..8/4"),
    ("1..8?0", True, "     ^", "`0` is not a number of items", "write for example 1..8?4"),
    ("1..8/", True, "     ^", "the number of items is missing", "write for example 1..8/4"),
    ("0..1/x", False, "     ^", "`x` is not a number of items", "write for example 0..1/4"),
    ("0..1?2.5", False, "     ^^^", "`2.5` is not a number of items", "write for example 0..1?4"),
    ("0..1/1", False, "     ^", "a range includes both ends, so it has at least 2 items", "write 0, or 0..1/2"),
    ("1..3/5", True, "     ^", "the range `1..3` has only 3 whole numbers", "write 1..3/3"),
    ("3..1?5", True, "     ^", "the range `3..1` has only 3 whole numbers", "write 3..1?3"),
    ("2..2/5", False, "     ^", "the range `2..2` has only 1 number", "write 2..2/1"),
]


@pytest.mark.parametrize(("text", "whole", "caret", "message", "hint"), ERRORS)
def test_an_error_in_a_range_points_at_the_part_that_is_wrong(
    text: str, whole: bool, caret: str, message: str, hint: str
) -> None:
    assert error(text, whole=whole) == f"error: {message}\n  x {text}\n    {caret}\n  {hint}"


def test_an_error_in_a_range_from_a_variable_points_at_the_variable() -> None:
    found = read_each(Word("1..8:0", "", Span(4, 8)))
    assert found is not None
    (item,) = found.items
    assert isinstance(item, EachRange)
    wrong = item.numbers(whole=True)
    assert isinstance(wrong, LanguageError)
    assert wrong.span == Span(4, 8)


def test_a_number_with_an_x_draws_only_seeds() -> None:
    (four, none) = items("4x,0x")
    assert isinstance(four, EachDrawn)
    assert isinstance(none, EachDrawn)
    assert four.error("seed", is_seed=True) is None
    wrong = four.error("steps", is_seed=False)
    assert wrong is not None
    assert (wrong.message, wrong.hint, wrong.span) == (
        "`4x` draws random seeds, but `steps` is not a seed",
        "for a single value, write 4; to draw numbers from a range, write for example 1..50?4",
        Span(2, 4),
    )
    wrong = none.error("seed", is_seed=True)
    assert wrong is not None
    assert (wrong.message, wrong.hint, wrong.span) == ("`0x` draws no seeds", "write for example 4x", Span(5, 7))


def spans_and_texts(text: str) -> Iterator[tuple[Span, str]]:
    found = read_each(Word(text, "", Span(0, len(text))))
    return ((item.span, item.text) for item in found.items) if found is not None else iter(())


@given(st.text(alphabet="a1,.:/?x-' \"", max_size=20))
def test_the_items_of_any_word_are_in_order_and_each_place_holds_its_text(text: str) -> None:
    at = 0
    for span, item in spans_and_texts(text):
        assert span.start >= at
        assert item == text[span.start : span.end] or f"'{item}'" == text[span.start : span.end].replace('"', "'")
        at = span.end
    if read_each(Word(text)) is not None:
        assert Word(text).may_be_each


@given(st.lists(st.sampled_from(["1..8", "4x", "a", "2.5", "0..1:.1", "-3..3/3", "5?", "x..y"]), min_size=1))
def test_a_printed_word_has_the_same_items(parts: list[str]) -> None:
    before = Word(",".join(parts))
    after = word(print_value(before))
    assert after == before
    first, second = read_each(before), read_each(after)
    assert [item.text for item in first.items] == parts if first else len(parts) == 1
    assert [item.text for item in second.items] == parts if second else len(parts) == 1


def test_an_item_in_quotes_keeps_its_commas() -> None:
    assert list(split_items("a, 'b, c' ,d ")) == [("a", 0, 1), ("b, c", 3, 6), ("d", 11, 1)]
    assert list(split_items("'a', \"b")) == [("'a'", 0, 3), ('"b', 5, 2)]
    assert list(split_items("'a,b'c,d")) == [("'a", 0, 2), ("b'c", 3, 3), ("d", 7, 1)]


def test_a_list_of_many_items_is_split_in_linear_time() -> None:
    class Counted(str):
        """A string that counts the characters that are copied from it."""

        copied = 0

        def __getitem__(self, key: object) -> str:
            found = super().__getitem__(key)  # type: ignore[index]
            Counted.copied += len(found)
            return found

    text = Counted("10," * 2000)
    assert len(list(split_items(text))) == 2001
    assert Counted.copied < 4 * len(text)
