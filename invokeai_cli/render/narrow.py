"""Fit an error or a warning into a narrow terminal: words wrap at spaces, and carets stay under what they mark."""

from __future__ import annotations

import re
from itertools import pairwise

from invocations.language.errors import ELLIPSIS, window
from workflows.shown_text import cells

CARETS = re.compile(r" *\^+")
STEP = 2  # columns by which the rest of a wrapped line is indented further


def fitted(text: str, width: int) -> str:
    """Return text whose lines are at most `width` columns wide, unless a word is longer."""
    lines = text.split("\n")
    if all(cells(line) <= width for line in lines):
        return text
    found: list[str] = []
    for line, under in pairwise([*lines, ""]):
        if CARETS.fullmatch(line):
            continue
        found += _marked(line, under, width) if CARETS.fullmatch(under) else _wrapped(line, width)
    return "\n".join(found)


def _marked(line: str, under: str, width: int) -> list[str]:
    """Return a line and the carets below it, both cut to the same part of the line."""
    indent = len(line) - len(line.lstrip())
    widths = [cells(char) for char in line[indent:]]
    start = _place(widths, under.index("^") - indent)
    end = max(_place(widths, len(under) - indent), start)
    first, last = window(widths, start, end, width - indent)
    head, tail = ELLIPSIS * (first > 0), ELLIPSIS * (last < len(widths))
    before = indent + len(head) + sum(widths[first:start])
    carets = max(sum(widths[start : min(end, last)]), 1)
    shown = line[indent:][first:last]
    return [f"{line[:indent]}{head}{shown}{tail}", " " * before + "^" * carets]


def _place(widths: list[int], column: int) -> int:
    """Return the index of the character at the given column."""
    place = 0
    while column > 0 and place < len(widths):
        column -= widths[place]
        place += 1
    return place


def _wrapped(line: str, width: int) -> list[str]:
    body = line.lstrip()
    indent = len(line) - len(body)
    later = " " * (indent if indent else STEP)
    rows, row = [], line[:indent]
    for word in body.split(" "):
        if row.strip() and cells(f"{row} {word}") > width:
            rows.append(row)
            row = later
        row += f" {word}" if row.strip() else word
    return [*rows, row]
