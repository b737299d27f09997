"""Short ways to say a line: `!!` and `!N` for one that was typed before, `?WORD` for its help."""

from __future__ import annotations

from collections.abc import Sequence


class NotRecalled(Exception):
    """There is no such earlier line; the message says so."""


def recall(text: str, typed: Sequence[str], lines: Sequence[str]) -> str:
    """Return the line that a short way stands for, any other text as it is.

    typed: all lines typed, the oldest first; lines: those of this session, numbered from 1.
    Raises: NotRecalled.
    """
    word = text.strip()
    if word.startswith("?"):
        return f"help {word[1:].strip()}".rstrip()
    if not word.startswith("!") or len(word.split()) != 1:
        return text
    if word == "!!":
        if not typed:
            raise NotRecalled("nothing was typed before")
        return typed[-1]
    digits = word[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return text
    number = int(digits)
    if not 1 <= number <= len(lines):
        known = f"this session has {len(lines)} line{'s' * (len(lines) != 1)}" if lines else "it has none yet"
        raise NotRecalled(f"there is no line {number} in this session: {known}")
    return lines[number - 1].strip()
