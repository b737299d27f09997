"""Which words match the typed text, and how the matches are ranked."""

from __future__ import annotations

import pytest

from workflows.completion.fuzzy import NO_MATCH, score, score_line


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("mask", ["mask-grow", "unmask", "my-mask"]),
        ("grow", ["grow", "mask-grow", "outgrow", "g-r-o-w"]),
        ("mgr", ["mgr-x", "mask-grow"]),
    ],
)
def test_a_prefix_ranks_above_a_substring_and_scattered_letters_also_match(typed: str, words: list[str]) -> None:
    fits = sorted(words, key=lambda word: score(typed, word))
    assert fits[0] == words[0]
    assert all(score(typed, word) < NO_MATCH for word in words)


@pytest.mark.parametrize(("typed", "word"), [("mg", "mask-grow"), ("gm", "mask"), ("wgr", "mask-grow"), ("x", "mask")])
def test_words_that_are_too_short_or_out_of_order_do_not_match(typed: str, word: str) -> None:
    assert score(typed, word) == NO_MATCH


def test_an_exact_match_comes_first() -> None:
    assert score_line("t 4", "boat 4") == 0 < score_line("4 b", "boat 4") < score_line("bt4", "boat 4") < NO_MATCH
