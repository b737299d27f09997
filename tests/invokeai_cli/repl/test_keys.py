"""Keys at the interactive prompt, sent through prompt_toolkit's own pipe input."""

from __future__ import annotations

import pytest

from invokeai_cli.repl.state import PromptState
from tests.invokeai_cli.repl.conftest import Press
from workflows.completion.diagnose import Diagnosis

ENTER, ALT_ENTER, UP, DOWN = "\r", "\x1b\r", "\x1b[A", "\x1b[B"
HOME, CUT = "\x01", "\x0b"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (f"add 1 2{ENTER}", "add 1 2"),
        (f"add 1 2 |{ENTER}mul 4{ENTER}", "add 1 2 |\nmul 4"),
        (f'format "my{ENTER}cat"{ENTER}', 'format "my\ncat"'),
        (f"add 1 2 \\{ENTER}--no-cache{ENTER}", "add 1 2 \\\n--no-cache"),
        (f"add 1 2{ALT_ENTER}mul 3 4{ENTER}", "add 1 2\nmul 3 4"),
        (f"{PASTE}add 1 2\nmul 3 4\n{PASTED}add 5 6{ENTER}", "add 1 2\nmul 3 4\nadd 5 6"),
        (f"help{ENTER}", "help"),
        (ENTER, ""),
    ],
)
def test_enter_runs_a_complete_line_and_continues_an_incomplete_one(press: Press, keys: str, line: str) -> None:
    assert press(keys) == line


def test_enter_on_an_invalid_line_moves_to_the_error(press: Press) -> None:
    assert press(f"add 1 2 | mull 5{ENTER}{CUT}mul 5{ENTER}") == "add 1 2 | mul 5"


def test_a_second_enter_runs_an_invalid_line(press: Press) -> None:
    assert press(f"nosuch 1{ENTER}{ENTER}") == "nosuch 1"


def test_enter_on_a_changed_invalid_line_moves_to_the_error_again(press: Press) -> None:
    assert press(f"nosuch 1{ENTER}x{ENTER}{CUT}add 1 2{ENTER}") == "add 1 2"


def test_an_error_is_shown_until_the_next_key(press: Press, state: PromptState) -> None:
    messages: list[str] = []
    from invokeai_cli.repl import keys

    class Buffer:
        text = "nosuch 1"
        cursor_position = 8

        def cancel_completion(self) -> None:
            messages.append("closed")

    keys.press_enter(state, Buffer())  # type: ignore[arg-type]
    assert state.message == "there is no command `nosuch` · `nodes` lists the commands"
    assert messages == ["closed"]


def test_control_c_cancels_the_line(press: Press) -> None:
    with pytest.raises(KeyboardInterrupt):
        press("add 1 \x03")
    assert press(f"add 1 2{ENTER}") == "add 1 2"


def test_control_d_on_an_empty_line_ends_the_interactive_prompt(press: Press) -> None:
    with pytest.raises(EOFError):
        press("\x04")


@pytest.mark.parametrize(
    ("keys", "outcomes"),
    [
        ("abc\x03\x04", [KeyboardInterrupt, EOFError]),
        (f"add 1 2{ENTER}\x04", ["add 1 2", EOFError]),
        (f"nosuch 1{ENTER}{ENTER}\x04", ["nosuch 1", EOFError]),
        (f"add 1 2{ENTER}mul 3 4{ENTER}\x04", ["add 1 2", "mul 3 4", EOFError]),
    ],
)
def test_control_d_right_after_other_keys_is_not_lost(press: Press, keys: str, outcomes: list[object]) -> None:
    found: list[object] = []
    for _ in outcomes:
        try:
            found.append(press(keys))
        except (KeyboardInterrupt, EOFError) as raised:
            found.append(type(raised))
        keys = ""
    assert found == outcomes


def test_control_c_at_an_empty_prompt_shows_how_to_leave_the_prompt(press: Press, state: PromptState) -> None:
    messages: list[str] = []
    state.check = lambda text: messages.append(state.message) or Diagnosis()  # type: ignore[func-returns-value, method-assign]
    assert press(f"\x03{ENTER}") == ""
    assert "nothing is running · Ctrl-D or `exit` to leave" in messages


def test_the_up_arrow_finds_earlier_lines_by_prefix(press: Press, state: PromptState) -> None:
    for line in ("add 1 2", "add 3 4", "mul 5 6"):
        state.keep(line)
    assert press(f"add{UP}{ENTER}") == "add 3 4"
    assert press(f"add{UP}{UP}{ENTER}") == "add 1 2"
    assert press(f"{UP}{ENTER}") == "mul 5 6"


def test_history_references_and_help_requests_with_a_question_mark_are_expanded_before_a_line_runs(
    press: Press, state: PromptState
) -> None:
    state.keep("add 1 2")
    assert press(f"!!{ENTER}") == "add 1 2"
    assert press(f"?blur{ENTER}") == "help blur"


def test_a_line_with_an_invalid_history_reference_stays_in_the_editor(press: Press, state: PromptState) -> None:
    assert press(f"!7{ENTER}{HOME}{CUT}add 1 2{ENTER}") == "add 1 2"


@pytest.mark.parametrize("key", ["\x07", "\x1b"], ids=["control g", "escape"])
def test_cancelling_a_search_restores_the_line_at_once(press: Press, key: str) -> None:
    assert press(f"add 1 2\x12 and more{key}{ENTER}") == "add 1 2"
