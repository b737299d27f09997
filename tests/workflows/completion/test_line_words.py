"""Parse the words after a directive that accepts a line as its argument."""

from __future__ import annotations

import pytest

from invocations.language.source import Source
from workflows.completion.line_words import read_line

SWITCHES = ("--all", "--mermaid", "--dot")


@pytest.mark.parametrize(
    ("text", "switches", "word", "line"),
    [
        ("", set(), "", None),
        (" --all", {"--all"}, "", None),
        (" @fox --dot", {"--dot"}, "@fox", None),
        (" 2026", set(), "2026", None),
        (" 12", set(), "@12", None),
        (" add 1 2 --all", {"--all"}, "", " add 1 2      "),
        (" --all --dot add 1 --dot", {"--all", "--dot"}, "", "             add 1      "),
        (" 'add 1' --all", {"--all"}, "", "add 1"),
        (" t2i a --all b", set(), "", " t2i a --all b"),
        (" own 1 --all", set(), "", " own 1 --all"),
        (" add 1 | own 1 --all", set(), "", " add 1 | own 1 --all"),
    ],
)
def test_the_options_of_a_directive_may_come_before_or_after_the_line(
    text: str, switches: set[str], word: str, line: str | None
) -> None:
    found = read_line(Source(None, text), SWITCHES, lambda command: ["--all"] if command == "own" else [])
    assert (set(found.switches), found.word, found.line.text if found.line else None) == (switches, word, line)
