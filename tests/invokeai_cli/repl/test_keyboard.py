"""Keys typed while a line runs are kept for the next prompt, and the terminal is restored afterwards."""

from __future__ import annotations

import os
import pty
import termios
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import TextIO

import pytest

from invocations.language.source import Source
from invokeai_cli.repl.keyboard import Keyboard
from invokeai_cli.repl.prompt import reads_keys
from invokeai_cli.repl.state import PromptState


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """Yield a pseudo-terminal: the file descriptor where keys are typed, and the program's stream."""
    keys, program = pty.openpty()
    with os.fdopen(program) as stream:
        yield keys, stream
    os.close(keys)


def test_keys_typed_while_a_line_runs_including_control_d_and_enter_are_stored_and_not_echoed(
    terminal: tuple[int, TextIO],
) -> None:
    keys, stream = terminal
    keyboard = Keyboard(stream)
    keyboard.keep()
    keyboard.keep()
    os.write(keys, b"add 1\x7f2\r\x04")
    assert os.read(stream.fileno(), 20) == b"add 1\x7f2\r\x04"
    os.write(stream.fileno(), b"shown")
    assert os.read(keys, 20) == b"shown"


def test_releasing_the_keyboard_restores_the_terminal(terminal: tuple[int, TextIO]) -> None:
    _, stream = terminal
    before = termios.tcgetattr(stream)
    keyboard = Keyboard(stream)
    keyboard.keep()
    kept = termios.tcgetattr(stream)
    assert kept != before
    with keyboard.released():
        assert termios.tcgetattr(stream) == before
    assert termios.tcgetattr(stream) == kept
    keyboard.release()
    keyboard.release()
    assert termios.tcgetattr(stream) == before


def test_an_immediate_exit_restores_the_terminal(terminal: tuple[int, TextIO], state: PromptState) -> None:
    _, stream = terminal
    before = termios.tcgetattr(stream)
    left: list[object] = []
    keyboard = Keyboard(stream)
    environment = replace(
        state.shell.environment, leave=lambda status: left.extend([status, termios.tcgetattr(stream) == before])
    )
    keyboard.keep()
    keyboard.guarded(environment).leave(130)
    assert left == [130, True]


@pytest.mark.parametrize("stream", [None, StringIO("add 1 2\n")])
def test_a_stream_other_than_a_terminal_is_left_unchanged(stream: TextIO | None) -> None:
    keyboard = Keyboard(stream)
    keyboard.keep()
    with keyboard.released():
        pass
    keyboard.release()


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("run -", True),
        ("load - | blur 2", True),
        ("load -|blur 2", True),
        ("recipe edit poster", True),
        ("recipe show poster", False),
        ("add 1 -2", False),
        ('t2i "a - b"', False),
    ],
)
def test_only_a_line_that_reads_standard_input_receives_the_typed_keys(text: str, reads: bool) -> None:
    assert reads_keys(Source(None, text)) is reads
