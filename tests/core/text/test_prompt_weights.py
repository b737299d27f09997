"""Weights inside prompts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.prompt_weights import MAX_WEIGHT, Fragment, merged, parse, plain, show
from tests.linear_time import assert_linear

CASES: list[tuple[str, list[tuple[str, float]]]] = [
    ("a red fox", [("a red fox", 1.0)]),
    ("", []),
    ("a (red)1.3 fox", [("a ", 1.0), ("red", 1.3), (" fox", 1.0)]),
    ("(two words)0.8", [("two words", 0.8)]),
    ("(fox).5", [("fox", 0.5)]),
    ("(a)1.3, b", [("a", 1.3), (", b", 1.0)]),
    ("((a)1.2 b)1.5", [("a", 1.8), (" b", 1.5)]),
    ("(a (b)2 c)0.5", [("a ", 0.5), ("b", 1.0), (" c", 0.5)]),
    ("fox++ in snow-", [("fox", 1.21), (" in ", 1.0), ("snow", 0.9)]),
    ("(a fox)++.", [("a fox", 1.21), (".", 1.0)]),
    ("(fox++ den)2", [("fox", 2.42), (" den", 2.0)]),
    ("fox+, hare--.", [("fox", 1.1), (", ", 1.0), ("hare", 0.81), (".", 1.0)]),
    ("(a)1(b)1", [("ab", 1.0)]),
    ("(huge)1000", [("huge", MAX_WEIGHT)]),
    ("a (red:1.3) fox", [("a ", 1.0), ("red", 1.3), (" fox", 1.0)]),
    ("(two words: 0.8 )", [("two words", 0.8)]),
    ("((a:1.2) b:1.5)", [("a", 1.8), (" b", 1.5)]),
    ("(a:2)1.5", [("a:2", 1.5)]),
    ("(red:1.)x", [("redx", 1.0)]),
    ("(a:2)b", [("a", 2.0), ("b", 1.0)]),
    ("(number 10:1.5)", [("number 10", 1.5)]),
    (r"C\+\+ and La\+, (a\+)2", [("C++ and La+, ", 1.0), ("a+", 2.0)]),
    (r"\(a\)1.3 \(b:1.2\) (c\:1.2)", [("(a)1.3 (b:1.2) (c:1.2)", 1.0)]),
    (r"(a \(b\))1.3 \[c\] \\(d)2", [("a (b)", 1.3), (" [c] \\", 1.0), ("d", 2.0)]),
    (r"a\b C:\dir ¯\_(x)_/¯", [(r"a\b C:\dir ¯\_(x)_/¯", 1.0)]),
]

TEXT = [
    "a (red) fox",
    "(a",
    "a) b (c",
    "well-lit",
    "- a -- b + c",
    "(a)1.3b",
    "(a)1.2.3",
    "a+.5",
    "2+2",
    "f(x)",
    "(a).",
    "++",
    "(16:9)",
    "a (ratio 16: 9) (at 10:30)",
    "(:1.2)",
    "(a:-1)",
    "(a:b)",
    "(a:1.2.3)",
    "a:1.2)",
    "<3",
]


@pytest.mark.parametrize(("prompt", "fragments"), CASES)
def test_weights_in_prompts_are_parsed(prompt: str, fragments: list[tuple[str, float]]) -> None:
    assert parse(prompt) == tuple(Fragment(text, weight) for text, weight in fragments)


@pytest.mark.parametrize("prompt", TEXT)
def test_an_incomplete_weight_is_plain_text(prompt: str) -> None:
    assert parse(prompt) == (Fragment(prompt),)


@pytest.mark.parametrize("prompt", [prompt for prompt, _ in CASES])
def test_parsing_formatted_fragments_returns_the_same_fragments(prompt: str) -> None:
    assert parse(show(parse(prompt))) == parse(prompt)


TEXTS = st.text(alphabet="ab1. ()+-:,\\[]\n", min_size=1, max_size=12)


@given(st.lists(st.builds(Fragment, TEXTS, st.sampled_from([0.0, 0.5, 1.0, 1.3, 2.0, 10.0])), max_size=5))
def test_any_fragments_survive_a_round_trip(fragments: list[Fragment]) -> None:
    assert parse(show(fragments)) == merged(fragments)


@pytest.mark.parametrize(
    ("fragments", "shown"),
    [
        ([("C++ code", 1.0)], r"C\+\+ code"),
        ([("best quality", 1.2), ("1girl, ", 1.0), ("masterpiece", 1.1), ("8k", 1.0)],
         "(best quality:1.2)1girl, (masterpiece:1.1)8k"),
        ([("a", 2.0), ("8 b", 1.0)], "(a)2(8 b)1"),
        ([(" ", 0.0), ("a", 0.5)], "( )0(a)0.5"),
        ([(" ", 2.0), ("a", 1.0)], "( )2(a)1"),
        ([("a (b), ", 1.0), ("c", 1.2)], "a (b), (c)1.2"),
        ([("(b)", 1.2)], "((b))1.2"),
        ([("(b", 1.2)], r"(\(b)1.2"),
    ],
)  # fmt: skip
def test_backslashes_are_written_only_if_needed(fragments: list[tuple[str, float]], shown: str) -> None:
    assert show(Fragment(*each) for each in fragments) == shown


def test_the_plain_text_of_a_prompt_contains_no_weights() -> None:
    assert plain("a ((red)1.3 fox)0.5 in snow++") == "a red fox in snow"


@given(st.text(alphabet="ab ()+-.,:\\12\n", max_size=60))
def test_weights_parsed_from_arbitrary_text_are_between_zero_and_the_maximum(prompt: str) -> None:
    fragments = parse(prompt)
    assert all(fragment.text and 0 <= fragment.weight <= MAX_WEIGHT for fragment in fragments)
    assert all(first.weight != second.weight for first, second in pairwise(fragments))


@given(st.text(max_size=60))
def test_removing_weights_from_a_prompt_removes_no_other_characters(prompt: str) -> None:
    assert sorted(set(plain(prompt)) - set("()+-.:\\0123456789 ")) == sorted(set(prompt) - set("()+-.:\\0123456789 "))


@pytest.mark.parametrize("piece", ["(", "a", "a+", "(a)1", "1", "+", "-.", "((a)1.1", "\\(", "(a:1)", ":1)"])
def test_parsing_a_prompt_takes_linear_time(piece: str) -> None:
    assert_linear(lambda times: parse(piece * times), most=12_800)
    assert_linear(lambda times: parse("(" * times + piece + ")1.1" * times), most=12_800)
