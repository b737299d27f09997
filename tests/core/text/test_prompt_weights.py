"""Weights inside prompts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.prompt_weights import MAX_WEIGHT, Fragment, parse, plain, show

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
]


@pytest.mark.parametrize(("prompt", "fragments"), CASES)
def test_weights_are_parsed(prompt: str, fragments: list[tuple[str, float]]) -> None:
    assert parse(prompt) == tuple(Fragment(text, weight) for text, weight in fragments)


@pytest.mark.parametrize("prompt", TEXT)
def test_an_incomplete_weight_is_plain_text(prompt: str) -> None:
    assert parse(prompt) == (Fragment(prompt),)


@pytest.mark.parametrize("prompt", [prompt for prompt, _ in CASES])
def test_formatted_fragments_parse_back(prompt: str) -> None:
    assert parse(show(parse(prompt))) == parse(prompt)


def test_plain_text_has_no_weights() -> None:
    assert plain("a ((red)1.3 fox)0.5 in snow++") == "a red fox in snow"


@given(st.text(alphabet="ab ()+-.,12\n", max_size=60))
def test_any_text_has_fragments_with_usable_weights(prompt: str) -> None:
    fragments = parse(prompt)
    assert all(fragment.text and 0 <= fragment.weight <= MAX_WEIGHT for fragment in fragments)
    assert all(first.weight != second.weight for first, second in pairwise(fragments))


@given(st.text(max_size=60))
def test_only_the_characters_of_weights_are_removed(prompt: str) -> None:
    assert sorted(set(plain(prompt)) - set("()+-.0123456789")) == sorted(set(prompt) - set("()+-.0123456789"))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["(", "a", "a+", "(a)1", "1", "+", "-.", "((a)1.1"])
def test_parsing_takes_linear_time(piece: str) -> None:
    parse(piece * 20_000)
    parse("(" * 20_000 + piece + ")1.1" * 20_000)
