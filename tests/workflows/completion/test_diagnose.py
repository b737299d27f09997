"""Errors found while a line is typed, as opposed to input that is merely incomplete."""

from __future__ import annotations

import pytest

from invocations.catalog.snapshot import built_in
from invocations.language.source import Source
from workflows.completion.context import words_of
from workflows.completion.diagnose import CheckedLine, Diagnosis, diagnose
from workflows.planning.plan_line import LineAnalysis, analyze_line

from .conftest import RESERVED


def checked(text: str) -> Diagnosis:
    return diagnose(text, lambda source: analyze_line(source, catalog=built_in(), directives=RESERVED), RESERVED)


def wrong(text: str, cursor: int | None = None) -> list[str]:
    where = len(text) if cursor is None else cursor
    found = checked(text).wrong(text, where, words_of(built_in(), RESERVED))
    return [text[error.span.start : error.span.end] for error in found]


RIGHT = [
    "",
    "  ",
    "# a comment",
    "t2i a red fox",
    "help nothing like it",
    "set steps 20",
    "explain t2i a fox | blur 2",
    "cache why t2i a fox | blur 2",
    "cache why",
    "explain",
    "!!",
    "?blur",
    "add 1 2\nmul 3 4",
    "add 1 2\n| mul 4",
]


@pytest.mark.parametrize("text", RIGHT)
def test_valid_input_has_no_errors(text: str) -> None:
    assert checked(text) == Diagnosis()


WRONG = [
    ("nosuch cat.png", ["nosuch"]),
    ("t2i a fox | upscale --scael 4", ["--scael"]),
    ("t2i a fox | blurr 2", ["blurr"]),
    ("t2i a fox --steps many ", ["many"]),
    ("add 1 2\nnosuch 3", ["nosuch"]),
    ("explain t2i a fox | blurr 2", ["blurr"]),
    ("cache why t2i a fox | blurr 2", ["blurr"]),
    ("t2i a fox | help ", ["help"]),
    ("t2i a fox --steps 10,many,30 ", ["many"]),
    ("t2i a fox --steps 10,many", ["many"]),
    ("t2i a fox --steps 8..1 ", ["8..1"]),
    ("t2i a fox --steps 1..8:0,9 ", ["0"]),
    ("t2i a fox --steps 1..x", ["x"]),
    ("t2i a fox --tiled=yes,perhaps", ["perhaps"]),
    ("load cat.png | flip --direction vertical,sideways ", ["sideways"]),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_an_error_points_at_the_words_that_cause_it(text: str, words: list[str]) -> None:
    assert wrong(text) == words


@pytest.mark.parametrize(
    "text",
    ["t2", "t2i a fox | upsc", "t2i a fox --st", "t2i a fox --denoise.e", "blur @", "blur @fo"]
    + [f"t2i a fox --steps {word}" for word in ("1.", "1..", "8..1", "1..8:", "1..8:0", "10,5.", "10,1..")]
    + ["blend --image cat.png --mode mul", "blend --image cat.png --mode normal,mul", "t2i a fox --tiled=y"],
)
def test_an_unfinished_word_is_not_an_error(text: str) -> None:
    assert wrong(text) == []
    assert wrong(f"{text} ", cursor=0) != []


@pytest.mark.parametrize("text", ["t2i", "blur ", "t2i a fox --steps", "t2i a fox | blur 2 |", 'load "my cat'])
def test_missing_input_is_not_an_error_while_the_line_is_being_typed(text: str) -> None:
    assert wrong(text) == []
    assert checked(text).errors


@pytest.mark.parametrize("text", ["t2i a fox |", "t2i a fox \\", 'load "my', "t2i a fox |\n"])
def test_an_unfinished_line_is_incomplete(text: str) -> None:
    assert checked(text).incomplete


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("hlep blur", "did you mean `help`?"),
        ("hisotry", "did you mean `history`?"),
        ("upscal 2", "did you mean `upscale`?"),
        ("add 1 2 | exti", "`nodes` lists the commands"),
        ("| hlep", "`nodes` lists the commands"),
    ],
)
def test_directives_are_suggested_only_for_a_mistyped_word_at_the_start_of_a_line(text: str, hint: str) -> None:
    assert [error.hint for error in checked(text).errors if error.code == "unknown_command"] == [hint]


def test_only_the_changed_line_among_many_is_planned_again() -> None:
    planned: list[str] = []
    remembered: dict[str, CheckedLine] = {}

    def analyze(source: Source) -> LineAnalysis:
        planned.append(source.text)
        return analyze_line(source, catalog=built_in())

    text = "\n".join(f"add {number} 2" for number in range(50))
    for more in ("", "x", "xy"):
        diagnose(text + more, analyze, RESERVED, remembered=remembered)
    assert len(planned) == 50 + 2
    assert planned[-1] == "add 49 2xy"


def test_cached_errors_in_a_repeated_line_are_reported_at_every_occurrence() -> None:
    text = "nosuch 1\nadd 1 2\nnosuch 1"
    assert wrong(text) == ["nosuch", "nosuch"]
    assert [error.span.start for error in checked(text).errors] == [0, 17]
