"""The two output streams: results on standard output, everything else on standard error, live rows below it."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, TextIO

from invokeai_cli import exit_status
from invokeai_cli.environment import Environment
from workflows.shown_text import cells, cut, plain

from .live_rows import CLEAR, LiveRows
from .paint import Paint, make_paint

if TYPE_CHECKING:
    from rich.console import Console

    from .images import ImageProtocol

__all__ = ["CLEAR", "OutputFailed", "Screen", "cells", "cut", "plain", "silence"]

UNLIMITED = 4000  # width of a table in columns if it is not written to a terminal
_STYLES = {"error": "1;31", "warning": "33", "dim": "2", "bold": "1", "good": "32"}


class OutputFailed(Exception):
    """A result cannot be written: standard output is closed, or the disk is full.

    status: the exit status; another one if standard output is a terminal that has been closed
    """

    status = exit_status.NODE_FAILED


class Screen:
    """Writes results and notes; live rows are removed before a result is written, and stay below a note."""

    def __init__(self, environment: Environment, *, color: str = "auto", quiet: bool = False) -> None:
        self.environment = environment
        self.quiet = quiet
        self._out, self._err = environment.stdout, environment.stderr
        # the protocol that the terminal has reported in reply to a query
        self.image_protocol: ImageProtocol | None = None
        self._live = LiveRows(environment.clock)
        self.terminal = environment.is_terminal(self._err) and environment.variable("TERM") != "dumb"
        self.accessible = False  # whether a screen reader reads standard error, so that it gets plain lines
        self.color = environment.has_color(self._err, color)
        self.out_color = environment.has_color(self._out, color)
        self.unicode = environment.has_unicode(self._err)
        self.out_unicode = environment.has_unicode(self._out)

    @property
    def out_width(self) -> int | None:
        """Return the maximum width of a table in columns; None if standard output is not a terminal."""
        return self.environment.width() if self.environment.is_terminal(self._out) else None

    @property
    def page_width(self) -> int | None:
        """Return the width in columns for pages and lists; None in a pipe or a file, unless COLUMNS is set."""
        return self.out_width or self.environment.written_width()

    @property
    def out_paint(self) -> Paint:
        """Styles text for standard output."""
        return make_paint(self.environment, color=self.out_color)

    def make_console(self, width: int) -> Console:
        """Return a rich console that renders text for standard error."""
        from .rich_console import make_console

        return make_console(self.environment, self._err, width=width, color=self.color)

    def out_console(self) -> Console:
        """Return a rich console that renders text for standard output."""
        from .rich_console import make_console

        return make_console(self.environment, self._out, width=self.out_width or UNLIMITED, color=self.out_color)

    def result(self, text: str) -> None:
        """Write one result and flush it. Raises: BrokenPipeError, OutputFailed."""
        self.end_live()
        if self._out is None:
            raise OutputFailed("standard output is closed")
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            failed = OutputFailed(f"standard output cannot be written: {error.strerror}")
            if error.errno == errno.EIO and stat.S_ISCHR(os.fstat(self._out.fileno()).st_mode):
                failed.status = exit_status.DISCONNECTED
            raise failed from error

    def note(self, text: str, style: str = "") -> None:
        """Write something that is not a result; in quiet mode only errors are written."""
        if self.quiet and style != "error":
            return
        self._write(f"{self._live.clear(keep=True)}{self.styled(text, style)}\n{self._live.again(self.size)}")

    def raw(self, text: str) -> None:
        """Write terminal codes (an image) to standard error unchanged."""
        self.end_live()
        self._write(text)

    def live(self, *lines: str, preview: str = "", unit: str = "") -> None:
        """Show live rows with a preview above them; do nothing without a terminal.

        unit: what the last rows show, as in `and 5 more workers` if they do not fit
        """
        if self.terminal and not self.quiet:
            codes = self._live.show(lines, preview, self.size, unit)
            if codes:
                self._write(codes)

    @property
    def size(self) -> tuple[int, int]:
        """Return the current number of columns and rows; if the window is narrower than COLUMNS, its width is used."""
        environment = self.environment
        return min(environment.width(), environment.columns() or environment.width()), environment.height()

    def end_live(self) -> None:
        """Remove the live rows."""
        codes = self._live.clear()
        if codes:
            self._write(codes)

    def styled(self, text: str, style: str) -> str:
        """Style text if standard error has color; in errors and warnings, style only the first word."""
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
        except (OSError, ValueError):  # nobody reads the stream, but the work continues
            if self.environment.owns_process:
                silence(self._err)
            self._err = None


def silence(stream: TextIO | None) -> None:
    """Redirect a stream that nobody reads to the null device, so that the interpreter's last flush does not fail."""
    if stream is not None:
        try:
            number = stream.fileno()
        except (OSError, ValueError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
