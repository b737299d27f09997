"""Completion, highlighting and checking never raise an exception, whatever the text and cursor position."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from invokeai_cli.directives.table import RESERVED
from invokeai_cli.repl.lexer import colored
from workflows.completion.context import CompletionContext, words_of
from workflows.completion.cursor import find_cursor
from workflows.completion.diagnose import diagnose
from workflows.completion.suggest import suggest
from workflows.planning.plan_line import analyze_line

PIECES = ["t2i", "blur", "add", "help", "set", "explain", "run", "a fox", "1", "|", "--steps", "--", "-s", "="]
PIECES += [
    "@1",
    "@",
    "@fox.",
    "'",
    '"',
    "\\",
    "\n",
    "#",
    "as",
    "fox",
    " ",
    "!!",
    "?",
    "--tiled",
    "--no-expand",
    "--model",
]
PIECES += ["\t", "é"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)])
)


@settings(max_examples=150)
@given(text=TEXTS, at=st.floats(0, 1))
@example(text="blur as t2i", at=8 / 11)
@example(text="--help=", at=1.0)
@example(text="-help ", at=1.0)
@example(text='"help" ', at=1.0)
@example(text="'explain' t2i ", at=1.0)
@example(text="--explain t2i ", at=1.0)
@example(text="@help ", at=1.0)
def test_any_text_can_be_completed_checked_and_highlighted(text: str, at: float, context: CompletionContext) -> None:
    cursor = round(at * len(text))
    for each in suggest(text, cursor, context):
        assert 0 <= each.start <= cursor
        assert each.text
    checked = diagnose(
        text, lambda source: analyze_line(source, catalog=context.catalog, directives=RESERVED), RESERVED
    )
    assert suggest(text, cursor, context, checked) == suggest(text, cursor, context)
    wrong = checked.wrong(text, cursor, words_of(context.catalog, RESERVED))
    assert all(0 <= error.span.start <= error.span.end <= len(text) for error in wrong)
    lines = colored(text, (error.span for error in wrong))
    assert "\n".join("".join(piece for _, piece, *_ in line) for line in lines) == text


@given(text=TEXTS, at=st.floats(0, 1))
def test_the_current_word_ends_at_the_cursor(text: str, at: float) -> None:
    cursor = round(at * len(text))
    place = find_cursor(text, cursor, RESERVED)
    if place is not None:
        assert 0 <= place.start <= cursor
        assert place.bar < place.start
