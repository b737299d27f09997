"""What fits what is typed, and what fits better."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from invokeai_cli.repl.completer import LineCompleter
from invokeai_cli.repl.state import PromptState
from workflows.completion.fuzzy import NO_MATCH, score, score_line


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("mask", ["mask-grow", "unmask", "my-mask"]),
        ("grow", ["grow", "mask-grow", "outgrow", "g-r-o-w"]),
        ("mgr", ["mgr-x", "mask-grow"]),
    ],
)
def test_a_beginning_fits_better_than_the_middle_and_letters_in_order_still_fit(typed: str, words: list[str]) -> None:
    fits = sorted(words, key=lambda word: score(typed, word))
    assert fits[0] == words[0]
    assert all(score(typed, word) < NO_MATCH for word in words)


@pytest.mark.parametrize(("typed", "word"), [("mg", "mask-grow"), ("gm", "mask"), ("wgr", "mask-grow"), ("x", "mask")])
def test_what_is_too_short_or_out_of_order_does_not_fit(typed: str, word: str) -> None:
    assert score(typed, word) == NO_MATCH


LINES = [
    "load boat.png | upscale 4 | save large.png",
    "t2i a boat",
    "add 1 2",
    "i2i boat.png a boat at night",
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("boat", [LINES[3], LINES[1], LINES[0]]),
        ("BOAT 4", [LINES[0]]),
        ("4 boat", [LINES[0]]),
        ("lbups", [LINES[0]]),
        ("a boat", [LINES[3], LINES[1], LINES[0]]),
        ("a12", [LINES[2]]),
        ("", [*reversed(LINES)]),
        ("nothing", []),
    ],
)
def test_a_search_finds_lines_of_the_history_also_by_scattered_letters(
    state: PromptState, typed: str, found: list[str]
) -> None:
    for line in [LINES[2], *LINES]:
        state.keep(line)
    state.searching = True
    document = Document(typed, len(typed))
    assert [each.text for each in LineCompleter(state).get_completions(document, CompleteEvent())] == found


def test_what_fits_as_it_is_typed_comes_first() -> None:
    assert score_line("t 4", "boat 4") == 0 < score_line("4 b", "boat 4") < score_line("bt4", "boat 4") < NO_MATCH
