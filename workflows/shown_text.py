"""Text as people read it: its width in columns, shortening and times."""

from __future__ import annotations

import re
import sys
import time
from functools import lru_cache

from invocations.language.errors import visible

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def plain(text: str) -> str:
    """Return untrusted text as one line, without control characters and bidirectional marks."""
    return visible(_BIDI.sub("", text))


def cells(text: str) -> int:
    """Return the width of a string in columns."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(4096)
def _columns(char: str) -> int:
    """Return how many columns a character takes: 0, 1 or 2."""
    from unicodedata import combining, east_asian_width

    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return as much of a string as fits into `width` columns."""
    if cells(text) <= width:
        return text
    kept = ""
    for char in text:
        if cells(kept + char) > width - 1:
            break
        kept += char
    return kept + ("…" if not text.isascii() or sys.getdefaultencoding() == "utf-8" else "~")


def local_time(seconds: float) -> str:
    """Return a time (seconds since 1970) in the local time zone."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # the time may be from an untrusted file
        return "?"


def duration(seconds: float) -> str:
    """Return a duration as text: `12 ms`, `4.5 s`, `1 min 01 s`, `2 h 05 min`."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
