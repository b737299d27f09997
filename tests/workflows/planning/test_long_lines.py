"""Lines that are longer than a server allows are refused before they are planned; the terminal has no limit."""

from __future__ import annotations

import pytest

from invocations.language.source import Source
from workflows.planning.long_lines import LineLimits, too_long
from workflows.workspace import Workspace

LIMITS = LineLimits(stages=3, words=8)
LONG = [
    ("add 1 2 | mul 3 | sub 4 | div 5", "the line has 4 stages; it can have at most 3", "| div 5"),
    ("t2i a b c d e f g h i", "the line has 10 words; it can have at most 8", "h i"),
    ("| | | |", "the line has 5 stages; it can have at most 3", "| |"),
]


@pytest.mark.parametrize(("text", "message", "rest"), LONG)
def test_a_long_line_is_refused_where_it_becomes_too_long(text: str, message: str, rest: str) -> None:
    error = too_long(Source(None, text), LIMITS)
    assert error is not None
    assert (error.code, error.message, error.hint) == ("line_too_long", message, "divide it into several lines")
    assert text[error.span.start : error.span.end] == rest


@pytest.mark.parametrize("text", ["", "add 1 2 | sub 4", "t2i 'a | b | c | d | e'", "t2i a b c d e f g"])
def test_a_short_line_is_not_too_long(text: str) -> None:
    assert too_long(Source(None, text), LIMITS) is None


def test_a_workspace_has_no_limit_unless_it_is_given_one(workspace: Workspace) -> None:
    line = " | ".join(["add 1 2", *["add 1"] * 3])
    assert workspace.analyze(Source(None, line)).errors == ()
    workspace.limits = LIMITS
    assert [error.code for error in workspace.analyze(Source(None, line)).errors] == ["line_too_long"]
    assert [error.code for error in workspace.sibling().analyze(Source(None, line)).errors] == ["line_too_long"]
