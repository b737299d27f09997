"""The two streams that are written to: results on standard output, all else on standard error, one live line below."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from invokeai_cli.environment import Environment
from invokeai_cli.language.drawing import visible

CLEAR = "\r\x1b[2K"
CLEAR_ABOVE = "\x1b[A\x1b[2K"
_STYLES = {"error": "1;31", "warning": "33", "dim": "2", "bold": "1", "good": "32"}
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


class OutputFailed(Exception):
    """A result cannot be given: standard output is closed, or what it goes to is full."""


class Screen:
    """Writes results and notes; a live line is taken away before anything else is written."""

    def __init__(self, environment: Environment, *, color: str = "auto", quiet: bool = False) -> None:
        self.environment = environment
        self.quiet = quiet
        self._out, self._err = environment.stdout, environment.stderr
        self._live = ""
        self._above = 0  # lines of a picture over the live line
        self.terminal = environment.is_terminal(self._err) and environment.variable("TERM") != "dumb"
        self.color = environment.has_color(self._err, color)
        self.out_color = environment.has_color(self._out, color)
        self.unicode = environment.has_unicode(self._err)
        self.out_unicode = environment.has_unicode(self._out)

    @property
    def out_width(self) -> int | None:
        """Return the columns a table on standard output may take, None off a terminal."""
        return self.environment.width() if self.environment.is_terminal(self._out) else None

    def result(self, text: str) -> None:
        """Write one result and see it off. Raises: BrokenPipeError, OutputFailed."""
        self.end_live()
        if self._out is None:
            raise OutputFailed("standard output is closed")
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(f"standard output cannot be written: {error.strerror}") from error

    def note(self, text: str, style: str = "") -> None:
        """Write something that is no result, unless only results are wanted; errors are always written."""
        if self.quiet and style != "error":
            return
        self.end_live()
        self._write(f"{self.styled(text, style)}\n")

    def raw(self, text: str) -> None:
        """Write terminal codes (a picture) to standard error as they are."""
        self.end_live()
        self._write(text)

    def live(self, text: str) -> None:
        """Show a text on the line that is overwritten, on a terminal only."""
        if self.terminal and not self.quiet:
            text = cut(text, self.environment.width() - 1)
            if text != self._live:
                self._write(CLEAR + text)
                self._live = text

    def live_picture(self, codes: str) -> None:
        """Show a picture of text over the live line, in the place of the one before; it goes when that line goes."""
        if self.terminal and not self.quiet:
            self.end_live()
            self._write(codes)
            self._live, self._above = " ", codes.count("\n")

    def end_live(self) -> None:
        """Take the live line away, and the picture over it."""
        if self._live:
            self._write(CLEAR + CLEAR_ABOVE * self._above)
            self._live, self._above = "", 0

    def styled(self, text: str, style: str) -> str:
        """Return a text in a style, where standard error shows colour; an error's or a warning's first word only."""
        if not self.color or style not in _STYLES:
            return text
        head, colon, rest = text.partition(":") if style in ("error", "warning") else (text, "", "")
        return f"\x1b[{_STYLES[style]}m{head}{colon}\x1b[0m{rest}"

    def _write(self, text: str) -> None:
        if self._err is None:
            return
        try:
            self._err.write(text)
            self._err.flush()
        except (OSError, ValueError):  # nobody reads what we say: go on with the work
            if self.environment.owns_process:
                silence(self._err)
            self._err = None


def plain(text: str) -> str:
    """Return foreign text on one line, without control characters or marks that turn the writing direction."""
    return visible(_BIDI.sub("", text))


def cells(text: str) -> int:
    """Return the columns a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def cut(text: str, width: int) -> str:
    """Return as much of a text as fits into `width` columns."""
    if cells(text) <= width:
        return text
    kept = ""
    for char in text:
        if cells(kept + char) > width - 1:
            break
        kept += char
    return kept + ("…" if not text.isascii() or sys.getdefaultencoding() == "utf-8" else "~")


def silence(stream: TextIO | None) -> None:
    """Point a stream whose reader has gone at nothing, so that the interpreter's last flush does not complain."""
    import os

    if stream is not None:
        try:
            number = stream.fileno()
        except (OSError, ValueError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
