"""The history of typed lines, in a file that all running prompts share; each line is appended with a single write.

`!!` and `!N` expand to an earlier line, `?WORD` to `help WORD`, `??WORD` to `help WORD --all`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

from invocations.foreign import ForeignData, stored_json
from invocations.shown_numbers import counted

MAX_LINES_READ = 10_000  # maximum number of lines that are loaded; older lines stay in the file


class HistoryFile:
    """A file with one JSON string per line, so pasted text of several lines is a single entry."""

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, text: str) -> None:
        """Append a line unless it begins with a space; if the file cannot be written, do nothing."""
        if not text.strip() or text[0].isspace():
            return
        entry = (json.dumps(text) + "\n").encode()
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.write(file, entry)  # a single write in append mode, so the lines of several running prompts never mix
        except OSError:
            return
        finally:
            os.close(file)

    def read(self) -> list[str]:
        """Return the lines, oldest first; damaged entries are skipped."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                raw = file.readlines()[-MAX_LINES_READ:]
        except OSError:
            return []
        return list(_entries(raw))


def _entries(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        try:
            text = stored_json(line)
        except ForeignData:
            continue
        if isinstance(text, str) and text.strip() and text != before:
            before = text
            yield text


class NoSuchLine(Exception):
    """The earlier line that `!!` or `!N` refers to does not exist."""


def expand_history(text: str, typed: Sequence[str], lines: Sequence[str]) -> str:
    """Return the line that `!!`, `!N`, `?WORD` or `??WORD` stands for; any other text is returned unchanged.

    typed: all typed lines, oldest first. lines: the lines of this session, numbered from 1.
    Raises: NoSuchLine.
    """
    word = text.strip()
    if word.startswith("??"):
        return f"help {word[2:].strip()} --all" if word[2:].strip() else "help"
    if word.startswith("?"):
        return f"help {word[1:].strip()}".rstrip()
    if not word.startswith("!") or len(word.split()) != 1:
        return text
    if word == "!!":
        if not typed:
            raise NoSuchLine("there is no earlier line")
        return typed[-1]
    digits = word[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return text
    number = int(digits)
    if not 1 <= number <= len(lines):
        known = f"it has {counted(len(lines), 'line')}" if lines else "it has no lines yet"
        raise NoSuchLine(f"this session has no line {number}: {known}")
    return lines[number - 1].strip()
