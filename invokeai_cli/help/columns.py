"""Wrap text into lines and columns; words are never cut."""

from __future__ import annotations

from collections.abc import Iterable

from invokeai_cli.render.paint import Paint, plain_paint

MIN_RIGHT = 20  # minimum width of the right column; if there is less room, it is written below the left one
STACKED = 2  # indent of a right column that is written below the left one, in addition to 4 spaces
MAX_LEFT = 30  # maximum width of the left column; next to a longer text, the right column starts on a new line


def wrap(text: str, width: int, *, indent: str = "", later: str | None = None) -> list[str]:
    """Return text wrapped into lines, the first indented by `indent`, the others by `later` (default: the same)."""
    later = indent if later is None else later
    lines, current = [], indent
    started = False
    for word in text.split():
        if started and len(current) + 1 + len(word) > width:
            lines.append(current)
            current, started = later, False
        current += f" {word}" if started else word
        started = True
    return [*lines, current] if started else lines


def shortened(text: str, room: int) -> str:
    """Shorten a description to `room` characters: drop facts from the final parentheses, then its last clauses."""
    body, bracket, facts = text.rpartition(" (") if text.endswith(")") else (text, "", "")
    while bracket and len(text) > room:
        _, semicolon, facts = facts.partition("; ")
        text = f"{body} ({facts}" if semicolon else body
        bracket = semicolon
    while len(text) > room and (end := _last_clause(text)) > 0:
        text = text[:end]
    return text


def _last_clause(text: str) -> int:
    """Return where the last clause begins, at a semicolon if there is one; -1 if the text is a single clause."""
    marks = ("; ",) if "; " in text else (", ", ": ", " (")
    return max(text.rfind(mark) for mark in marks)


def columns(
    rows: Iterable[tuple[str, str]], width: int, paint: Paint = plain_paint, *, brief: bool = False
) -> list[str]:
    """Return rows of two columns; the left one is styled as code, the right one is wrapped next to it.

    brief: shorten the right column to one line instead of wrapping it.
    """
    every = list(rows)
    left = min(max((len(name) for name, _ in every), default=0), MAX_LEFT)
    left = left if width - left - 4 >= MIN_RIGHT else min(left, STACKED)
    margin = " " * (left + 4)
    lines: list[str] = []
    for name, text in every:
        head = f"  {paint('code', name)}"
        wrapped = wrap(shortened(text, width - len(margin)) if brief else text, width, indent=margin)
        if wrapped and len(name) <= left:
            wrapped[0] = head + wrapped[0][2 + len(name) :]
        else:
            wrapped = [head, *wrapped]
        lines += wrapped
    return lines
