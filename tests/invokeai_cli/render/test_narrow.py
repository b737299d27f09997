"""Errors and warnings on a narrow terminal: words wrap at spaces, and carets stay under the words they mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language.errors import LanguageError, draw
from invocations.language.source import Source, Span
from invokeai_cli.render.narrow import fitted
from tests.invokeai_cli.conftest import TypeLine
from workflows.shown_text import cells


def test_words_wrap_at_spaces_and_the_hint_keeps_its_indent() -> None:
    text = "error: there is no command `blurr` in this version\n  did you mean `blur`, or one of `nodes filters`?"
    assert fitted(text, 30) == (
        "error: there is no command\n  `blurr` in this version\n  did you mean `blur`, or one\n  of `nodes filters`?"
    )


def test_a_message_that_fits_is_unchanged() -> None:
    text = "error: no\n  a | b\n      ^\n  a hint"
    assert fitted(text, 40) is text


def test_a_quoted_line_that_is_too_long_is_cut_on_both_sides_of_the_carets() -> None:
    text = "error: no\n  t2i a red fox in the snow --stepss 5 | blur 2 | save fox.png\n" + " " * 28 + "^" * 8
    assert fitted(text, 30).split("\n") == [
        "error: no",
        "  …the snow --stepss 5 | blur…",
        "            ^^^^^^^^",
    ]


def test_an_error_fits_on_a_narrow_terminal(type_: TypeLine) -> None:
    result = type_(
        "t2i a fox --stepss 5 | blurr 2 | save a.png --overwritee", terminal=True, NO_COLOR="1", COLUMNS="40"
    )
    assert all(cells(line) <= 40 for line in result.err.split("\n"))
    marked = [line for line in result.err.split("\n") if line.strip(" ^") == "" and "^" in line]
    assert [line.count("^") for line in marked] == [8, 5, 12]


@given(
    text=st.text(alphabet="ab |狐é-", min_size=1, max_size=120).filter(lambda text: text.strip()),
    start=st.integers(0, 119),
    length=st.integers(1, 30),
    width=st.integers(20, 60),
)
def test_carets_never_wrap_and_stay_under_the_first_marked_character(
    text: str, start: int, length: int, width: int
) -> None:
    text = "x" + text.rstrip() + "x"
    start = min(start, len(text) - 1)
    error = LanguageError("c", "m", Span(start, min(start + length, len(text))))
    _, line, carets = fitted(draw(error, Source(None, text)), width).split("\n")
    assert max(cells(line), cells(carets)) <= width
    column = carets.index("^")
    assert _character_at(line, column) == text[start]


def _character_at(line: str, column: int) -> str:
    for char in line:
        if column <= 0:
            return char
        column -= cells(char)
    pytest.fail("the carets are beyond the line")
