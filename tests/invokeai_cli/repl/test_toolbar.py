"""The toolbar wraps the hint of an error instead of cutting it off."""

from __future__ import annotations

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invokeai_cli.repl.toolbar import MAX_ROWS, error_line, fitting, wrapped

WRONG = "`t2i` has no input `scael`"
HINT = "its inputs are --prompt, --negative, --model, --width, --height, --steps, --guidance, --scheduler, --seed, ..."


def shown(hint: str | None, width: int) -> str:
    return "".join(text for _, text, *_ in error_line(LanguageError("unknown_option", WRONG, Span(0, 1), hint), width))


def test_an_error_and_a_hint_that_fit_are_on_one_row() -> None:
    assert shown("did you mean `--scale`?", 80) == f"{WRONG} \u00b7 did you mean `--scale`?"
    assert shown(None, 80) == WRONG


def test_a_hint_that_does_not_fit_beside_the_error_has_its_own_rows() -> None:
    rows = shown(HINT, 80).splitlines()
    assert rows[0] == WRONG
    assert " ".join(rows[1:]) == HINT
    assert max(map(len, rows)) <= 80


def test_at_40_columns_only_the_end_of_a_long_hint_is_cut() -> None:
    rows = shown(f"{HINT} {HINT}", 40).splitlines()
    assert len(rows) == 1 + MAX_ROWS
    assert max(map(len, rows)) <= 40
    assert rows[-1].endswith("\u2026")
    assert wrapped("a few words", 40) == "a few words"


def test_a_narrow_toolbar_wraps_words_and_omits_facts_that_do_not_fit() -> None:
    error = LanguageError("unknown_option", "`t2i` has no input `stepss` here", Span(0, 1), "did you mean `--steps`?")
    text = "".join(part for _, part, *_ in error_line(error, 20))
    assert text == "`t2i` has no input\n`stepss` here\ndid you mean\n`--steps`?"
    assert fitting(["model default", "device cpu", "help keys"], 30) == "model default · device cpu"
    assert fitting(["model default", "device cpu"], 8) == "model d…"
