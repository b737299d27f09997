"""The screen: what is written to standard output or standard error, and in which style."""

from __future__ import annotations

from invokeai_cli.render.live_rows import CLEAR
from tests.invokeai_cli.render.streams import screen_with
from workflows.shown_text import cells, cut, local_time, plain


def test_untrusted_text_has_no_control_characters() -> None:
    assert plain("a\x1b[31mb\nc\u202ed") == "a\\x1b[31mb\\ncd"


def test_a_live_row_is_removed_before_anything_else_is_written() -> None:
    screen, out, err = screen_with(terminal=True)
    screen.live("working")
    screen.live("working")
    screen.result("15")
    screen.note("done")
    assert out.getvalue() == "15\n"
    assert err.getvalue() == f"{CLEAR}\x1b[?7lworking\r\x1b[?7h{CLEAR}done\n"


def test_without_a_terminal_nothing_is_redrawn() -> None:
    screen, _, err = screen_with(terminal=False)
    screen.live("working")
    screen.note("error: no", "error")
    assert err.getvalue() == "error: no\n"


def test_the_quiet_option_still_shows_errors() -> None:
    screen, _, err = screen_with(terminal=True, quiet=True, NO_COLOR="1")
    screen.live("working")
    screen.note("seed 7")
    screen.note("error: no", "error")
    assert err.getvalue() == "error: no\n"


def test_only_the_first_word_of_an_error_is_colored() -> None:
    screen, _, err = screen_with(terminal=True)
    screen.note("error: no: never", "error")
    assert err.getvalue() == "\x1b[1;31merror:\x1b[0m no: never\n"


def test_a_smaller_window_overrides_the_columns_variable() -> None:
    from tests.invokeai_cli.fake_terminal import screen_on_terminal

    screen, _ = screen_on_terminal(columns=40, COLUMNS="120")
    assert screen.size[0] == 40


def test_wide_characters_take_two_columns() -> None:
    assert cells("a日") == 3
    assert cut("日本語", 5) == "日本…"
    assert cut("plain", 5) == "plain"


def test_a_time_out_of_range_is_shown_as_a_question_mark() -> None:
    assert local_time(1e99) == "?"
