"""Suggestions for mistyped words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language.did_you_mean import did_you_mean, edits, nearest, one_of

WORDS = [
    "scale",
    "steps",
    "seed",
    "image",
    "brightness",
    "t2i",
    "i2i",
    "add",
    "and",
    "or",
    "upscale",
    "no-link",
    "noise",
]


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("scael", ["scale"]),
        ("step", ["steps"]),
        ("SEED", ["seed"]),
        ("brightnes", ["brightness"]),
        ("bright", ["brightness"]),
        ("ad", ["add", "and"]),
        ("t2", ["t2i"]),
        ("upsacle", ["upscale"]),
        ("no_link", ["no-link"]),
        ("x", []),
        ("", []),
        ("zebra", []),
        ("scale", ["scale"]),
        ("w" * 10_000, []),
    ],
)
def test_the_nearest_words_are_suggested(word: str, words: list[str]) -> None:
    assert nearest(word, WORDS) == words


def test_at_most_three_words_are_suggested_the_most_likely_first() -> None:
    assert nearest("aaaa", ["aaab", "aaac", "aaaad", "aaa", "aaaa"]) == ["aaaa", "aaab", "aaac"]


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("", "", 0), ("ab", "ba", 1), ("abc", "", 3), ("scael", "scale", 1), ("ca", "abc", 3)]
)
def test_the_distance_is_the_number_of_edits(a: str, b: str, distance: int) -> None:
    assert edits(a, b, 9) == distance


SHORT = st.text(alphabet="abc", max_size=7)


@given(SHORT, SHORT, st.integers(0, 7))
def test_the_distance_is_symmetric_and_a_limit_does_not_change_it(a: str, b: str, most: int) -> None:
    assert edits(a, b, 9) == edits(b, a, 9)
    assert edits(a, b, most) == min(edits(a, b, 9), most + 1)


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (["euler"], "`euler`"),
        (["euler_a", "euler"], "`euler_a` or `euler`"),
        (["euler_a", "euler_k", "euler"], "`euler_a`, `euler_k` or `euler`"),
    ],
)
def test_alternatives_are_joined_with_commas_and_the_word_or(words: list[str], joined: str) -> None:
    assert one_of(words) == joined


def test_the_hint_suggests_the_closest_words_or_falls_back_to_the_given_alternative() -> None:
    assert did_you_mean("stap", ["step", "stop", "far"]) == "did you mean `step` or `stop`?"
    assert did_you_mean("stap", ["step"], prefix="--") == "did you mean `--step`?"
    assert did_you_mean("zzzz", ["step"], "look around") == "look around"
    assert did_you_mean("zzzz", ["step"]) is None
