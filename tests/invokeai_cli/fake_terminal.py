"""A small terminal emulator: it interprets the escape codes that the program writes and fails on unknown ones."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace

from invokeai_cli.environment import Environment
from invokeai_cli.render.screen import Screen
from workflows.shown_text import cells

CODE = re.compile(r"\x1b\[(\d*)(?:;[\d;]*)?([A-Za-z])")


class FakeTerminal:
    """A terminal with the given columns and rows; `gone` contains the rows that scrolled off the top.

    reported: the number of rows that the terminal reports; None if it reports its real height
    """

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.height = columns, rows
        self.lines: list[list[str]] = [[] for _ in range(rows)]
        self.gone: list[str] = []
        self.reported: int | None = None
        self.x = self.y = 0
        self.saved_cursor = (0, 0)
        self.wraps = True

    def write(self, text: str) -> None:
        """Interpret text and escape codes."""
        at = 0
        while at < len(text):
            if text[at : at + 5] in ("\x1b[?7l", "\x1b[?7h"):
                self.wraps = text[at + 4] == "h"
                at += 5
                continue
            if text[at : at + 2] in ("\x1b7", "\x1b8"):
                self._save_or_restore(text[at + 1])
                at += 2
                continue
            code = CODE.match(text, at)
            if code:
                self._interpret(code[2], int(code[1] or 0))
                at = code.end()
                continue
            assert text[at] != "\x1b", f"an unknown code: {text[at : at + 12]!r}"
            self._put(text[at])
            at += 1

    @property
    def shown(self) -> str:
        """The rows on the screen, without trailing spaces."""
        return "\n".join("".join(row).rstrip() for row in self.lines).rstrip()

    @property
    def all(self) -> str:
        """All rows: first the rows that scrolled off the top, then the rows on the screen."""
        return "\n".join([*self.gone, self.shown])

    def _put(self, char: str) -> None:
        if char == "\r":
            self.x = 0
        elif char == "\n":
            self.x = 0
            self._down()
        else:
            if self.x + cells(char) > self.columns:
                self.x = 0 if self.wraps else self.columns - cells(char)
                self._down() if self.wraps else self.lines[self.y].__delitem__(slice(self.x, None))
            row = self.lines[self.y]
            row.extend(" " * (self.x + 1 - len(row)))
            row[self.x] = char
            self.x += 1
            if cells(char) == 2:
                row.insert(self.x, "")
                self.x += 1

    def _down(self) -> None:
        self.y += 1
        if self.y == self.height:
            self.y -= 1
            self.gone.append("".join(self.lines.pop(0)).rstrip())
            self.lines.append([])

    def _save_or_restore(self, letter: str) -> None:
        if letter == "7":
            self.saved_cursor = self.x, self.y
        else:
            self.x, self.y = self.saved_cursor

    def _interpret(self, letter: str, number: int) -> None:
        if letter == "A":
            self.y = max(self.y - max(number, 1), 0)
        elif letter == "B":
            self.y = min(self.y + max(number, 1), self.height - 1)
        elif letter == "C":
            self.x = min(self.x + max(number, 1), self.columns - 1)
        elif letter == "J":
            assert number == 0
            del self.lines[self.y][self.x :]
            for row in self.lines[self.y + 1 :]:
                row.clear()
        elif letter == "K":
            assert number == 2
            self.lines[self.y].clear()
        else:
            assert letter == "m", f"an unknown code: {letter}"


class TerminalStream(io.StringIO):
    """A stream that writes to a fake terminal."""

    encoding = "utf-8"

    def __init__(self, terminal: FakeTerminal) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.terminal.write(text)
        return super().write(text)


def screen_on_terminal(
    columns: int = 80, rows: int = 24, clock: Callable[[], float] = time.monotonic, **variables: str
) -> tuple[Screen, FakeTerminal]:
    """Return a screen and the fake terminal it writes to."""
    terminal = FakeTerminal(columns, rows)
    stream = TerminalStream(terminal)
    world = Environment(
        None, stream, stream, {"TERM": "xterm", **variables}, "/", columns=lambda: terminal.columns, clock=clock
    )
    return Screen(replace(world, rows=lambda: terminal.reported or terminal.height)), terminal
