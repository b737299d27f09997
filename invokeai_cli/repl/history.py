"""The lines that were typed, in a file that several prompts share: each is appended whole, none is lost.

`!!` and `!N` stand for an earlier line, `?WORD` for its help.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

MAX_ENTRIES = 10_000  # read back; older ones stay in the file


class HistoryFile:
    """One line of JSON for each line typed, so that a line of several lines stays one entry."""

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, text: str) -> None:
        """Append a line, unless it begins with a space; a file that cannot be written is not an error."""
        if not text.strip() or text[0].isspace():
            return
        entry = (json.dumps(text) + "\n").encode()
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.write(file, entry)  # one write in append mode: those of several prompts never mix
        except OSError:
            return
        finally:
            os.close(file)

    def read(self) -> list[str]:
        """Return the lines, the oldest first; anything else in the file is skipped."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                raw = file.readlines()[-MAX_ENTRIES:]
        except OSError:
            return []
        return list(_entries(raw))


def _entries(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        try:
            text = json.loads(line)
        except ValueError:
            continue
        if isinstance(text, str) and text.strip() and text != before:
            before = text
            yield text


class NoSuchLine(Exception):
    """There is no such earlier line; the message says so."""


def expand_history(text: str, typed: Sequence[str], lines: Sequence[str]) -> str:
    """Return the line that `!!`, `!N` or `?WORD` stands for, any other text as it is.

    typed: all lines typed, the oldest first. lines: those of this session, numbered from 1.
    Raises: NoSuchLine.
    """
    word = text.strip()
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
        known = f"this session has {len(lines)} line{'s' * (len(lines) != 1)}" if lines else "it has none yet"
        raise NoSuchLine(f"there is no line {number} in this session: {known}")
    return lines[number - 1].strip()
