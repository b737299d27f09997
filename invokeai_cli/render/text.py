"""Text by the columns that it takes on a screen."""

from __future__ import annotations

import re
import sys

from invocations.language.errors import visible

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def plain(text: str) -> str:
    """Return foreign text on one line, without control characters or marks that turn the writing direction."""
    return visible(_BIDI.sub("", text))


def cells(text: str) -> int:
    """Return the columns a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def cut(text: str, width: int) -> str:
    """Return as much of a text as fits into `width` columns."""
    if cells(text) <= width:
        return text
    kept = ""
    for char in text:
        if cells(kept + char) > width - 1:
            break
        kept += char
    return kept + ("…" if not text.isascii() or sys.getdefaultencoding() == "utf-8" else "~")
