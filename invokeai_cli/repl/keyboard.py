"""The keyboard while a line runs: keys are not shown and none is lost; Ctrl-C still stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TextIO

from invokeai_cli.environment import Environment

INPUT, LOCAL, CONTROL = 0, 3, 6  # places in what termios tells of a terminal


class Keyboard:
    """A terminal's keys, kept for the next prompt; nothing is kept of what is no terminal."""

    def __init__(self, stdin: TextIO | None) -> None:
        self._number = _descriptor(stdin)
        self._before: list[Any] | None = None

    def keep(self) -> None:
        """Keep from now on what is typed: a terminal left alone would echo it, and lose a Ctrl-D."""
        told = _tell(self._number)
        if told is None:
            return
        import termios

        if self._before is None:
            self._before = told
        kept = [*told]
        kept[INPUT] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        kept[LOCAL] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        kept[CONTROL] = [*told[CONTROL]]
        kept[CONTROL][termios.VMIN], kept[CONTROL][termios.VTIME] = 1, 0
        _set(self._number, kept)

    def release(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            _set(self._number, self._before)
            self._before = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let something else read the keys for a while."""
        self.release()
        try:
            yield
        finally:
            self.keep()

    def guarded(self, environment: Environment) -> Environment:
        """Return the world, with the terminal as it was also where the program is left at once."""

        def leave(status: int) -> None:
            self.release()
            environment.leave(status)

        return replace(environment, leave=leave)


def _descriptor(stdin: TextIO | None) -> int | None:
    try:
        return stdin.fileno() if stdin is not None and stdin.isatty() else None
    except (OSError, ValueError):  # in memory, or closed
        return None


def _tell(number: int | None) -> list[Any] | None:
    """Return how a terminal is set; None where there is none, or none of this kind."""
    if number is None:
        return None
    try:
        import termios
    except ImportError:  # Windows
        return None
    try:
        return termios.tcgetattr(number)
    except termios.error:
        return None


def _set(number: int | None, told: list[Any]) -> None:
    import termios

    if number is not None:
        try:
            termios.tcsetattr(number, termios.TCSANOW, told)
        except termios.error:  # the terminal has gone
            return
