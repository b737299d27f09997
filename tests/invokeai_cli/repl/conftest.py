"""The interactive prompt in isolation: its state, a reader for keys, a real terminal, and a context for completion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from invokeai_cli.directives.table import RESERVED
from invokeai_cli.environment import Environment
from invokeai_cli.options import CommandLine
from invokeai_cli.repl.directive_completion import directive_words
from invokeai_cli.repl.reader import ToolkitReader
from invokeai_cli.repl.state import PromptState
from invokeai_cli.shell import Shell
from tests.invokeai_cli.conftest import Stream
from tests.invokeai_cli.repl.terminal import Terminal
from tests.workflows.completion.offers import small_context
from workflows.completion.context import CompletionContext

OpenTerminal = Callable[..., Terminal]
Press = Callable[[str], str]


class MakeState(Protocol):
    """Makes the state of an interactive prompt with the given standard input."""

    def __call__(self, stdin: str, rows: int = 24, **variables: str) -> PromptState: ...


@pytest.fixture
def state(isolated_home: Path, tmp_path: Path) -> Iterator[PromptState]:
    """Yield the state of an interactive prompt with in-memory streams."""
    yield from _state(isolated_home, tmp_path, "")


@pytest.fixture
def make_state(isolated_home: Path, tmp_path: Path) -> Iterator[MakeState]:
    """Return a function that makes the state of an interactive prompt; everything is closed after the test."""
    made = []

    def make(stdin: str, rows: int = 24, **variables: str) -> PromptState:
        made.append(_shell(isolated_home, tmp_path, stdin, variables, rows=rows))
        return PromptState(made[-1])

    yield make
    for shell in made:
        shell.close()


def _state(home: Path, folder: Path, stdin: str) -> Iterator[PromptState]:
    shell = _shell(home, folder, stdin, {})
    yield PromptState(shell)
    shell.close()


def _shell(home: Path, folder: Path, stdin: str, variables: dict[str, str], rows: int = 24) -> Shell:
    all_variables = {"INVOKEAI_HOME": str(home), "TERM": "xterm-256color", "COLUMNS": "80", **variables}
    environment = Environment(
        stdin=Stream(stdin.encode(), terminal=True),
        stdout=Stream(terminal=True),
        stderr=Stream(terminal=True),
        variables=all_variables,
        folder=str(folder),
        home=str(home),
        rows=lambda: rows,
    )
    return Shell(environment, CommandLine())


@pytest.fixture
def press(state: PromptState) -> Iterator[Press]:
    """Return a function that presses keys at the prompt and returns the entered line."""
    with create_pipe_input() as keys:
        reader = ToolkitReader(state, source=keys, output=DummyOutput())

        def press_keys(text: str) -> str:
            keys.send_text(text)
            return reader.read()

        yield press_keys


@pytest.fixture
def open_terminal(
    isolated_home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenTerminal]:
    """Return a function that opens the prompt in tmux: `open_terminal(columns=40, TERM="dumb")`."""
    opened: list[Terminal] = []

    def open_one(columns: int = 80, rows: int = 24, **variables: str) -> Terminal:
        socket = tmp_path_factory.mktemp("s") / "s"
        opened.append(Terminal(socket, tmp_path, isolated_home, (columns, rows), **variables))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.tmux("kill-server")


@pytest.fixture(scope="session")
def context() -> CompletionContext:
    """Return a context for completion with the real directives."""
    return small_context(RESERVED, after_directive=directive_words)
