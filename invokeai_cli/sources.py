"""Statements from the command line's words and from standard input, each as soon as it is complete."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence

from invocations.language.printer import join_words
from invocations.language.script import Statement, split_lines
from invocations.language.source import Source, Span
from workflows.problems import UsageError

from .directives.table import RESERVED
from .environment import Environment, InputClosed, check_upstream

MAX_LINE_CHARS = 2**24


def from_words(words: Sequence[str]) -> Statement:
    """Return the words as a statement; a single word may be a whole line."""
    text = words[0] if len(words) == 1 and _is_line(words[0]) else _joined(words)
    source = Source(None, text)
    return Statement(source, Span(0, len(text)), 1)


def from_input(environment: Environment, check: Callable[[str], None] = lambda line: None) -> Iterator[Statement]:
    """Return the statements on standard input, each as soon as its last line arrives.

    check: called with the first line; an exception that it raises ends the iteration.
    Raises: UsageError, UpstreamFailed.
    """
    if environment.stdin is None:
        raise UsageError("standard input is closed, but `-` reads lines from it", "pipe lines in, or name a script")
    return split_lines(_lines(environment, check), "-")


def redirected(environment: Environment) -> bool:
    """Return True if standard input is a file, which can be read as a whole."""
    try:
        return environment.stdin is not None and stat.S_ISREG(os.fstat(environment.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _joined(words: Sequence[str]) -> str:
    """Return the line that is equivalent to the words; a `sweep` is recognized also after a directive."""
    own, switches = RESERVED.before_line(words), RESERVED.switches.get(words[0], {}) if words else {}
    while 0 < own < len(words) and words[own] in switches:
        own += 1
    return " ".join(part for part in (join_words(words[:own]), join_words(words[own:])) if part)


def _is_line(word: str) -> bool:
    return "|" in word or any(char.isspace() for char in word)


def _lines(environment: Environment, check: Callable[[str], None]) -> Iterator[str]:
    assert environment.stdin is not None
    try:
        first = True
        while line := environment.stdin.readline(MAX_LINE_CHARS):
            if len(line) == MAX_LINE_CHARS:
                raise UsageError("a line of standard input is too long", "`-` reads lines of commands")
            check_upstream(line)
            if first:
                check(line)
            yield line.removeprefix("\ufeff") if first else line
            first = False
    except (OSError, ValueError) as error:
        raise InputClosed from error
