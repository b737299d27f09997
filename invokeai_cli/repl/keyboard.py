"""The keyboard while a line runs: keys are not echoed and not lost, and Ctrl-C still stops the line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TextIO

from invokeai_cli.environment import Environment

INPUT_FLAGS, LOCAL_FLAGS, CONTROL_CHARACTERS = 0, 3, 6  # indices into the attributes that termios returns


class Keyboard:
    """Holds back keys typed in a terminal for the next prompt; does nothing if standard input is not a terminal."""

    def __init__(self, stdin: TextIO | None) -> None:
        self._number = _descriptor(stdin)
        self._before: list[Any] | None = None

    def keep(self) -> None:
        """Hold back keys from now on; otherwise the terminal would echo them and lose Ctrl-D."""
        attributes = _attributes(self._number)
        if attributes is None:
            return
        import termios

        if self._before is None:
            self._before = attributes
        changed = [*attributes]
        changed[INPUT_FLAGS] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        changed[LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        changed[CONTROL_CHARACTERS] = [*attributes[CONTROL_CHARACTERS]]
        characters = changed[CONTROL_CHARACTERS]
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        _set(self._number, changed)

    def release(self) -> None:
        """Restore the terminal."""
        if self._before is not None:
            _set(self._number, self._before)
            self._before = None

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let the running line read the keys."""
        self.release()
        try:
            yield
        finally:
            self.keep()

    def guarded(self, environment: Environment) -> Environment:
        """Return the environment, changed to restore the terminal if the program exits at once or asks a question."""

        def leave(status: int) -> None:
            self.release()
            environment.leave(status)

        return replace(environment, leave=leave, answering=self.released)


def _descriptor(stdin: TextIO | None) -> int | None:
    try:
        return stdin.fileno() if stdin is not None and stdin.isatty() else None
    except (OSError, ValueError):  # the stream is in memory or closed
        return None


def _attributes(number: int | None) -> list[Any] | None:
    """Return the attributes of a terminal, or None if it is not a POSIX terminal."""
    if number is None:
        return None
    try:
        import termios
    except ImportError:  # termios is not available on Windows
        return None
    try:
        return termios.tcgetattr(number)
    except termios.error:
        return None


def _set(number: int | None, attributes: list[Any]) -> None:
    import termios

    if number is not None:
        try:
            termios.tcsetattr(number, termios.TCSANOW, attributes)
        except termios.error:  # the terminal was closed
            return
