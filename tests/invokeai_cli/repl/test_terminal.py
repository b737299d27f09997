"""The whole interactive prompt in a real terminal: tests type in tmux and compare the screen."""

from __future__ import annotations

import shutil

import pytest

from tests.invokeai_cli.repl.conftest import OpenTerminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="these tests type into tmux, and it is missing")


def test_a_session_runs_from_start_to_exit(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>", "model default")
    terminal.type("compa")
    terminal.wait("compare-numbers  Compare two numbers")
    terminal.press("C-u")
    terminal.type("ad")
    terminal.wait("Add two numbers.")
    terminal.press("Tab")
    terminal.wait("invokeai 1> add")
    terminal.line(" 1 2", "\n3\n", "invokeai 2>", "last ")
    terminal.line("| mul 5", "\n15\n", "invokeai 3>")
    terminal.type("mul @")
    terminal.wait("@2", " · 15", "@1", " · 3")
    terminal.press("C-c")
    terminal.wait("mul @\ninvokeai 3>")
    terminal.press("C-d")
    terminal.wait("LEFT 0")


def test_one_of_several_values_is_completed_and_highlighted(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(columns=100)
    terminal.wait("invokeai 1>")
    terminal.type("t2i a fox --steps 2,3 --scheduler euler,ddi")
    terminal.wait("ddim")
    terminal.press("Tab")
    terminal.wait("--scheduler euler,ddim")
    terminal.type(",nosuch ")
    terminal.wait("there is no scheduler `nosuch`")
    terminal.press("C-u")
    terminal.line("add 1..3 10", "\n11\n12\n13\n", "invokeai 2>")


def test_an_unknown_word_is_reported_and_enter_moves_to_it(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(columns=100)
    terminal.wait("invokeai 1>")
    terminal.type("add 1 2 | mull 5")
    terminal.wait("there is no command `mull` · did you mean `mul`?")
    terminal.press("Enter")
    terminal.press("Delete")
    terminal.wait("add 1 2 | ull 5")
    terminal.press("C-k")
    terminal.line("mul 5", "\n15\n", "invokeai 2>")
    terminal.line("nosuch 1", "there is no command `nosuch`")
    terminal.press("Enter")
    terminal.wait("error: there is no command `nosuch`\n  nosuch 1\n  ^^^^^^", "invokeai 2>")


def test_suggestions_searches_and_history_references_use_earlier_lines(open_terminal: OpenTerminal) -> None:
    first = open_terminal()
    first.wait("invokeai 1>")
    first.line("add 40 2", "\n42\n", "invokeai 2>")
    first.line(" add 50 5", "\n55\n", "invokeai 3>")
    second = open_terminal()
    second.wait("invokeai 1>")
    second.type("add 4")
    second.wait("add 40 2")
    second.press("Right", "Enter")
    second.wait("\n42\n", "invokeai 2>")
    second.line("!1", "invokeai 2> add 40 2\n42\n", "invokeai 3>")
    second.press("C-r")
    second.wait("search the history")
    second.type("0 2")
    second.wait("invokeai 3> 0 2\n                add 40 2")
    second.press("Down")
    second.wait("invokeai 3> add 40 2\n")
    second.press("Enter")
    second.wait("model default")
    second.press("Enter")
    screen = second.wait("invokeai 4>")
    assert screen.count("\n42") == 3
    second.press("Up")
    second.wait("invokeai 4> add 40 2")
    assert "add 50 5" not in second.screen


def test_pasted_lines_run_only_on_enter(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal()
    terminal.wait("invokeai 1>")
    terminal.paste("add 1 2\nmul 3 4\n")
    screen = terminal.wait("add 1 2", "... mul 3 4")
    assert "\n3\n" not in screen
    terminal.press("Enter")
    terminal.wait("\n3\n12\n", "invokeai 3>")


def test_control_c_cancels_the_line_and_keeps_the_session(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(rows=40, INVOKEAI_WARM_UP="yes")
    terminal.wait("invokeai 1>")
    terminal.line("add 1 2", "\n3\n", "invokeai 2>")
    terminal.line("t2i a fox --steps 1000", "denoise ", "/1000", "▀▀▀▀▀▀▀▀▀▀▀▀\n▀")
    terminal.press("C-c")
    screen = terminal.wait("error: interrupted:", "kept in session", "invokeai 3>")
    assert "▀" not in screen
    terminal.line("mul @1 7", "\n21\n", "invokeai 4>")
    terminal.line("t2i a red fox --seed 7 --steps 2", "000001-7-a-red-fox.png", "invokeai 5>")
    terminal.press("C-d")
    terminal.wait("LEFT 0")


def test_the_prompt_survives_a_resize_to_a_narrow_terminal(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(columns=40)
    screen = terminal.wait("1>", "model default")
    assert "invokeai" not in screen.splitlines()[0]
    terminal.line("add 1 2", "\n3\n", "2>")
    terminal.type("upscale --")
    terminal.wait("--scale")
    terminal.resize(90, 20)
    terminal.wait("invokeai 2> upscale --")
    terminal.press("C-c")
    terminal.wait("upscale --\ninvokeai 2>")
    terminal.line("add 5 5", "\n10\n")


def test_a_dumb_terminal_shows_plain_lines(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(TERM="dumb")
    terminal.wait("1>")
    terminal.type("add 1 |")
    terminal.press("Enter")
    terminal.wait("...")
    terminal.type("mul 2")
    terminal.press("Enter")
    terminal.wait("error: `add` needs `b`", "\n1>")
    terminal.line("add 1 2", "\n3\n2>")
    terminal.press("C-c")
    terminal.wait("2> ^C\n2>")
    terminal.line("exit", "LEFT 0")


def test_enter_answers_the_questions_asked_at_the_prompt(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(columns=100)
    terminal.wait("invokeai 1>")
    terminal.line("add 1..300 10", "the sweep has 300 items; run it? [y/N]")
    terminal.type("n")
    terminal.wait("run it? [y/N] n")
    terminal.press("Enter")
    terminal.wait("error: the sweep was not run", "invokeai 1>")
    terminal.line("cache clear", "cache? [y/N]")
    terminal.type("y")
    terminal.press("Enter")
    terminal.wait("invokeai 1> ", "[y/N] y")
    terminal.line("add 2 3", "\n5\n", "invokeai 2>")
