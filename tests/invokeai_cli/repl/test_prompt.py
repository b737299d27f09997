"""The interactive prompt reads lines and prints results until the user ends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from invocations.language.source import Source
from invokeai_cli.exit_status import ExitScript
from invokeai_cli.repl import prompt
from invokeai_cli.repl.own_words import GREETING
from invokeai_cli.repl.state import PromptState
from tests.invokeai_cli.repl.conftest import MakeState


class Script:
    """A line reader that returns the given lines and raises the given exceptions."""

    def __init__(self, *lines: str | type[BaseException]) -> None:
        self.lines: Iterator[str | type[BaseException]] = iter(lines)

    def read(self) -> str:
        line = next(self.lines, EOFError)
        if isinstance(line, str):
            return line
        raise line


def out(state: PromptState) -> str:
    return state.shell.environment.stdout.text  # type: ignore[union-attr, no-any-return]


def err(state: PromptState) -> str:
    return state.shell.environment.stderr.text  # type: ignore[union-attr, no-any-return]


def test_lines_typed_at_a_prompt_share_a_session(state: PromptState) -> None:
    assert prompt.loop(state, Script("add 1 2", "| mul 5", "add @1 @2")) == 0
    assert out(state) == "3\n15\n18\n"


def test_a_recipe_is_a_command_from_the_next_line_on_until_it_is_removed(state: PromptState) -> None:
    lines = ("add 1 2 | mul 3", "recipe save six --from 1", "six", "recipe save twice '| mul ${by=2}'", "| twice")
    prompt.loop(state, Script(*lines, "recipe rm six twice", "six"))
    assert [line for line in out(state).splitlines() if not line.endswith(".toml")] == [
        "9", "9", "18", "removed six: add 1 2 | mul 3", "removed twice: | mul ${by=2}"
    ]  # fmt: skip
    assert "there is no command `six`" in err(state)


def test_an_error_does_not_end_the_prompt(state: PromptState) -> None:
    lines = ("nosuch", "div 1 0", 'load "open', "load missing.png", "config get nosuch", "| |", "@", "add 1 2")
    assert prompt.loop(state, Script(*lines)) == 0
    assert out(state) == "3\n"
    assert err(state).count("error:") >= 7
    assert "Traceback" not in err(state)


def test_control_c_does_not_end_the_prompt(state: PromptState) -> None:
    prompt.loop(state, Script(KeyboardInterrupt, "add 1 2"))
    assert out(state) == "3\n"


@pytest.mark.parametrize("line", ["exit", "exit\nadd 3 4"])
def test_exit_ends_the_prompt(state: PromptState, line: str) -> None:
    prompt.loop(state, Script("add 1 2", line, "add 5 6"))
    assert out(state) == "3\n"


def test_pasted_lines_run_in_order_until_one_fails(state: PromptState) -> None:
    prompt.loop(state, Script("add 1 2\n| mul 2\nnosuch 3\nadd 7 7", "add 1 1"))
    assert out(state) == "3\n6\n2\n"


def test_an_unexpected_error_is_reported_and_the_prompt_continues(
    state: PromptState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("out of cheese")

    with monkeypatch.context() as patch:
        patch.setattr(prompt, "run_statement", broken)
        assert prompt.loop(state, Script("add 1 2")) == 0
    assert err(state).splitlines()[-2].endswith("RuntimeError: out of cheese")
    prompt.loop(state, Script("add 1 2"))
    assert out(state) == "3\n"


def test_control_c_in_a_directive_does_not_end_the_prompt(state: PromptState, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(prompt, "run_statement", interrupted)
    assert prompt.attempt(state, Source(None, "models")) == 130


def test_the_directive_exit_ends_the_prompt(state: PromptState) -> None:
    with pytest.raises(ExitScript):
        prompt.run_text(state, "exit")


def test_a_dumb_terminal_shows_plain_lines(make_state: MakeState) -> None:
    state = make_state("add 1 2\nadd 3 \\\n4\n?exit\n!!\n!9\nnosuch\n", TERM="dumb")
    assert prompt.run(state.shell) == 0
    result = err(state)
    assert out(state).splitlines()[:2] == ["3", "7"]
    assert result.startswith(f"{GREETING}\n1> 2> ... 3> ")
    assert "\x1b" not in result + out(state)
    assert "error: this session has no line 9: it has 2 lines" in result
    assert "error: there is no command `nosuch`" in result


def test_completion_shows_the_value_of_an_earlier_result(state: PromptState) -> None:
    prompt.loop(state, Script("add 1 2", 'join "a very long text that nobody reads to its end" x'))
    assert state.context.results("1", "value") == "3"
    assert state.context.results("9", "value") == ""


def test_a_cancelled_line_is_resumed_only_when_a_later_line_refers_to_it(state: PromptState) -> None:
    prompt.loop(state, Script("add 1 2"))
    shell = state.shell
    plan = shell.workspace.plan(Source(None, "add 7 7"))
    shell.workspace.invoker.extend(shell.workspace.session_id, plan.extension())
    shell.workspace.memory.scope.add(plan.stage_outputs)
    prompt.loop(state, Script("mul 5 5", "mul @2 2"))
    assert out(state) == "3\n25\n28\n"
    session = shell.workspace.invoker.open(shell.workspace.session_id)
    assert [event.node_id for event in session.history] == ["1", "3", "2", "4"]


@pytest.mark.parametrize("name", ["latest", ""])
def test_resuming_the_current_session_runs_its_unfinished_lines(state: PromptState, name: str) -> None:
    shell = state.shell
    prompt.loop(state, Script("add 1 2"))
    plan = shell.workspace.plan(Source(None, "add 7,8 7 | mul 2"))
    run = shell.workspace.submit(plan, until=lambda event: event.node_id == "3")
    for _ in run:
        pass
    assert run.open_loop == ("3", 1, 2)
    prompt.loop(state, Script(f"session resume {name}", f"session resume {name}", "add @1 1"))
    assert out(state) == "3\n28\n30\n4\n"
    assert "resuming session" in err(state)  # nothing is left to run


def test_if_the_line_editor_fails_the_prompt_continues_with_plain_lines(make_state: MakeState) -> None:
    state = make_state("add 1 2\n")
    assert prompt.loop(state, Script(ZeroDivisionError)) == 0
    assert out(state) == "3\n"
    assert "ZeroDivisionError" in err(state)
    assert "continuing with plain input, without the line editor" in err(state)
