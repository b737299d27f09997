"""Where lines come from: the shell's words, a script, standard input; each line as soon as it is whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from invocations.language.printer import join_words
from invocations.language.script import Statement, split_lines
from invocations.language.source import Source, Span
from workflows.problems import FileError, UsageError

from .environment import Environment, InputClosed

STANDARD_INPUT = "-"


class ScriptMissing(FileError):
    """A script cannot be read."""

    code = "script_unreadable"
    refused = True


def from_words(words: Sequence[str]) -> Statement:
    """Return the statement that the shell's words stand for; a word that stands alone may hold a whole line."""
    text = words[0] if len(words) == 1 and _is_line(words[0]) else join_words(words)
    source = Source(None, text)
    return Statement(source, Span(0, len(text)), 1)


def from_file(path: str, folder: str) -> Iterator[Statement]:
    """Return the statements of a script. Raises: ScriptMissing."""
    return from_text(text_of(path, folder), path)


def from_text(text: str, name: str) -> Iterator[Statement]:
    """Return the statements of a script's text."""
    return split_lines(text.split("\n"), name)


def text_of(path: str, folder: str) -> str:
    """Return the text of a script. Raises: ScriptMissing."""
    try:
        with open(os.path.join(folder, path), encoding="utf-8-sig", errors="surrogateescape") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptMissing(f"the script `{path}` cannot be read: {reason}", "give the path of a text file") from error
    if "\0" in text:
        raise ScriptMissing(f"`{path}` is not a text file", "`replay` makes an image again, `run` takes a script")
    return text


def from_input(environment: Environment) -> Iterator[Statement]:
    """Return the statements on standard input, each as soon as its last line has come. Raises: UsageError."""
    if environment.stdin is None:
        raise UsageError("standard input is closed, and `-` reads lines from it", "pipe lines in, or name a script")
    return split_lines(_lines(environment), "-")


def redirected(environment: Environment) -> bool:
    """Tell whether standard input is a file, which is there as a whole."""
    try:
        return environment.stdin is not None and stat.S_ISREG(os.fstat(environment.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _is_line(word: str) -> bool:
    return "|" in word or any(char.isspace() for char in word)


def _lines(environment: Environment) -> Iterator[str]:
    assert environment.stdin is not None
    try:
        for number, line in enumerate(environment.stdin):
            yield line.removeprefix("\ufeff") if number == 0 else line
    except (OSError, ValueError) as error:
        raise InputClosed from error
