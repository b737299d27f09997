"""Words that only the interactive prompt understands, such as `quit`, `clear` and `!COMMAND`, and the greeting."""

from __future__ import annotations

from pathlib import Path

import pytest

from invokeai_cli.repl import prompt
from invokeai_cli.repl.own_words import CLEARED, run_own
from tests.invokeai_cli.conftest import Stream, TypeLine
from tests.invokeai_cli.repl.conftest import MakeState

GREETING = "type a line, such as `t2i a red house`, `help` for help, or `exit` (Ctrl-D) to leave\n"


def err(state: prompt.PromptState) -> str:
    stream = state.shell.environment.stderr
    assert isinstance(stream, Stream)
    return stream.text


@pytest.mark.parametrize("word", ["quit", "q", ":q", "bye", "exit", " quit "])
def test_quit_and_similar_words_end_the_prompt(make_state: MakeState, word: str) -> None:
    state = make_state(f"{word}\nadd 1 2\n", TERM="dumb")
    assert prompt.run(state.shell) == 0
    assert err(state).startswith(GREETING + "1> ")
    assert "error" not in err(state)
    assert state.shell.workspace.memory.scope.lines == 0


def test_the_word_quit_is_valid_and_needs_only_one_press_of_enter(make_state: MakeState) -> None:
    state = make_state("")
    assert (state.expanded("quit"), state.expanded("quit now")) == ("exit", "quit now")
    assert not state.check("exit").errors


def test_the_word_clear_writes_nothing_if_the_output_is_not_a_terminal(make_state: MakeState) -> None:
    state = make_state("")
    assert not state.check("clear").errors
    for terminal, written in ((False, ""), (True, CLEARED)):
        state.shell.screen.terminal = terminal
        assert run_own(state, "clear")
        assert err(state) == written


def test_an_exclamation_mark_runs_a_system_command_in_the_current_folder(make_state: MakeState, tmp_path: Path) -> None:
    state = make_state("!echo hello > made.txt\n!exit 3\nadd 1 2\n", TERM="dumb", SHELL="/bin/sh")
    assert prompt.run(state.shell) == 0
    assert (tmp_path / "made.txt").read_text() == "hello\n"
    assert "exit status 3\n" in err(state)
    assert state.shell.workspace.memory.scope.lines == 1


@pytest.mark.parametrize("line", ["!touch made.txt", "clear", "quit"])
def test_words_that_only_the_prompt_understands_are_refused_in_scripts_and_on_the_command_line(
    type_: TypeLine, tmp_path: Path, line: str
) -> None:
    for result in (type_("-", stdin=f"{line}\n"), type_(line)):
        assert (result.status, result.out) == (2, "")
        assert "there is no command `" in result.err
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_help_option_anywhere_in_a_line_shows_the_page_of_its_command(make_state: MakeState) -> None:
    state = make_state("")
    assert state.expanded("t2i a fish --help") == "help t2i"
    assert state.expanded("load x.png | blur 2 -h --all") == "help blur --all"
    assert state.expanded("t2i a '--help' sign") == "t2i a '--help' sign"
