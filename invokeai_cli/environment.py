"""Everything outside the program as one object: streams, terminal, variables, folder, clock; tests replace it."""

from __future__ import annotations

import codecs
import io
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import field
from types import ModuleType
from typing import TextIO

from invocations.frozen import frozen
from workflows.settings.place import Place

MIN_COLUMNS, MAX_COLUMNS, DEFAULT_COLUMNS = 20, 400, 80
DEFAULT_ROWS = 24
PEEKED_BYTES = 128  # enough for the record of a failed process
BARS = "█░─·…"
SURROGATES = range(0xDC80, 0xDD00)  # the characters by which Python represents undecodable bytes


class InputClosed(Exception):
    """Standard input is closed."""


class UpstreamFailed(Exception):
    """The previous process in the pipe has failed and reported its error, so this process reports nothing."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@frozen
class Environment:
    """The environment of one run; a stream that is None was closed by the caller."""

    stdin: TextIO | None
    stdout: TextIO | None
    stderr: TextIO | None
    variables: Mapping[str, str]
    folder: str
    clock: Callable[[], float] = time.monotonic
    columns: Callable[[], int | None] = lambda: None
    rows: Callable[[], int | None] = lambda: None
    become: Callable[[Sequence[str], Mapping[str, str]], int] = lambda words, variables: become(words, variables)
    leave: Callable[[int], None] = os._exit  # exits the process immediately, without cleanup
    owns_process: bool = False  # whether the program may set signal handlers and replace file descriptors
    # whether another process of this program reads standard output; None if it is not a pipe
    read_by_this_program: Callable[[], bool | None] = lambda: None
    # returns whether standard input has data; takes whether an open pipe without data counts as such
    stdin_has_data: Callable[[bool], bool] = lambda waits: False
    home: str | None = field(default=None)
    # the context in which a question is asked: the terminal echoes the answer, and Enter ends it
    answering: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def place(self) -> Place:
        """The sources of settings: environment variables, the working folder and the home folder."""
        return Place(self.variables, self.folder, self.home)

    def variable(self, name: str) -> str:
        """Return an environment variable, "" if it is not set."""
        return self.variables.get(name, "")

    def is_terminal(self, stream: TextIO | None) -> bool:
        """Return True if a stream is a terminal."""
        try:
            return stream is not None and stream.isatty()
        except ValueError:  # the stream was closed in the meantime
            return False

    def has_color(self, stream: TextIO | None, choice: str = "auto") -> bool:
        """Whether to write color: only to a terminal; `--color`, NO_COLOR, FORCE_COLOR and TERM=dumb override this."""
        if choice in ("always", "never"):
            return choice == "always"
        if self.variable("NO_COLOR"):
            return False
        if self.variable("FORCE_COLOR") not in ("", "0"):
            return True
        return self.variable("TERM") != "dumb" and self.is_terminal(stream)

    def has_unicode(self, stream: TextIO | None, letters: str = BARS) -> bool:
        """Return True if a stream can encode these characters (default: the ones in drawings)."""
        try:
            letters.encode(getattr(stream, "encoding", None) or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def width(self) -> int:
        """Return the width of the terminal in columns; COLUMNS overrides it if it is a positive number."""
        return min(max(self.written_width() or self.columns() or DEFAULT_COLUMNS, MIN_COLUMNS), MAX_COLUMNS)

    def written_width(self) -> int | None:
        """Return the width that COLUMNS states, from 20 to 400; None if it is not set or not a positive number."""
        columns = self.variable("COLUMNS").strip()
        width = int(columns[:9]) if columns.isascii() and columns.isdigit() else 0
        return min(max(width, MIN_COLUMNS), MAX_COLUMNS) if width else None

    def height(self) -> int:
        """Return the height of the terminal in rows."""
        return max(self.rows() or DEFAULT_ROWS, 1)

    def read(self, limit: int) -> str:
        """Return up to `limit` characters of standard input; undecodable bytes are surrogates.

        Raises: InputClosed, UpstreamFailed.
        """
        if self.stdin is None:
            raise InputClosed
        try:
            text = self.stdin.read(limit)
        except (ValueError, OSError) as error:
            raise InputClosed from error
        check_upstream(text)
        return text

    def read_bytes(self, limit: int) -> bytes:
        """Return the bytes of standard input, at most `limit` of them. Raises: InputClosed, UpstreamFailed."""
        if self.stdin is None:
            raise InputClosed
        try:
            data = self.stdin.buffer.read(limit)
        except (ValueError, OSError) as error:
            raise InputClosed from error
        check_upstream(data[:PEEKED_BYTES].decode("latin-1"))
        return data

    def peek(self) -> None:
        """Wait for the first bytes of standard input, without consuming them. Raises: UpstreamFailed."""
        peek = getattr(getattr(self.stdin, "buffer", None), "peek", None)
        if peek is None:
            return
        with suppress(ValueError, OSError):
            check_upstream(peek(PEEKED_BYTES)[:PEEKED_BYTES].decode("latin-1"))


def become(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Replace this process by another program; on Windows, run the program and return its exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        import subprocess

        return subprocess.call(words, env=variables)
    os.execve(words[0], [*words], variables)


def check_upstream(text: str) -> None:
    """Check that standard input does not consist of the exit status of a failed process. Raises: UpstreamFailed."""
    if not text.startswith("{"):
        return
    from workflows.record import status_of  # imported on demand: most input is not such a record

    status = status_of(text)
    if status:
        raise UpstreamFailed(status)


def real_environment() -> Environment:
    """Return the environment of this process; its streams never fail to encode a character."""
    codecs.register_error("shown", shown)
    _fill_closed_descriptors()
    streams: list[TextIO | None] = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            streams.append(None)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - libraries expect one
            continue
        if number and isinstance(
            getattr(stream, "buffer", None), io.RawIOBase
        ):  # the stream is unbuffered because of PYTHONUNBUFFERED or `python -u`
            stream = buffered(stream)
            setattr(sys, name, stream)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="surrogateescape" if number == 0 else "shown")
        streams.append(stream)
    stdin, stdout, stderr = streams
    home = os.environ.get("HOME")
    return Environment(
        stdin, stdout, stderr, os.environ, _folder(), columns=_columns, rows=_rows, owns_process=True, home=home,
        read_by_this_program=lambda: _pipe_ends().read_by_this_program(1),
        stdin_has_data=lambda waits: _pipe_ends().has_data(0, waits=waits),
    )  # fmt: skip


def _pipe_ends() -> ModuleType:
    from . import pipe_ends  # imported here, because most runs do not need it

    return pipe_ends


def buffered(stream: TextIO) -> TextIO:
    """Return a buffered stream: it writes each string completely or fails; an unbuffered one may write only a part."""
    writer = io.BufferedWriter(stream.buffer)
    return io.TextIOWrapper(writer, encoding=stream.encoding, errors=stream.errors, write_through=True)


def shown(error: UnicodeError) -> tuple[bytes | str, int]:
    """Encode characters that a stream cannot encode: surrogates as their original bytes, others as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    out = b""
    for char in error.object[error.start : error.end]:
        code = ord(char)
        out += bytes([code - 0xDC00]) if code in SURROGATES else char.encode("ascii", "backslashreplace")
    return out, error.end


def _fill_closed_descriptors() -> None:
    """Open the null device in place of each closed standard stream, so that no other file gets its descriptor."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # opens the lowest free descriptor: `number`


def _columns() -> int | None:
    return _size()[0] or None


def _rows() -> int | None:
    return _size()[1] or None


def _size() -> tuple[int, int]:
    for number in (2, 1, 0):
        try:
            return os.get_terminal_size(number)
        except OSError:
            continue
    return 0, 0


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # the folder was deleted in the meantime
        return os.path.abspath(os.sep)
