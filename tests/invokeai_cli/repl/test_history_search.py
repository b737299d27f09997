"""Searching the history at the interactive prompt."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from invokeai_cli.repl.completer import LineCompleter
from invokeai_cli.repl.state import PromptState

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
def test_a_history_search_also_matches_scattered_letters(state: PromptState, typed: str, found: list[str]) -> None:
    for line in [LINES[2], *LINES]:
        state.keep(line)
    state.searching = True
    document = Document(typed, len(typed))
    assert [each.text for each in LineCompleter(state).get_completions(document, CompleteEvent())] == found
