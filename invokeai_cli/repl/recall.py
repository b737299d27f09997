"""Short forms of lines: `!!` and `!N` recall an earlier line, `?WORD` asks for help."""

from __future__ import annotations

from collections.abc import Sequence


class NotRecalled(Exception):
    """There is no such earlier line."""


def recall(text: str, typed: Sequence[str], lines: Sequence[str]) -> str:
    """Return the line that a short form stands for; any other text is returned unchanged.

    typed: all typed lines, oldest first. lines: those of this session, numbered from 1.
    Raises: NotRecalled.
    """
    word = text.strip()
    if word.startswith("?"):
        return f"help {word[1:].strip()}".rstrip()
    if not word.startswith("!") or len(word.split()) != 1:
        return text
    if word == "!!":
        if not typed:
            raise NotRecalled("there is no earlier line")
        return typed[-1]
    digits = word[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return text
    number = int(digits)
    if not 1 <= number <= len(lines):
        known = f"it has {len(lines)} line{'s' * (len(lines) != 1)}" if lines else "it has no lines yet"
        raise NotRecalled(f"this session has no line {number}: {known}")
    return lines[number - 1].strip()
