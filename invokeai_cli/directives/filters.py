"""Filters for lines and sessions: `--since 2d`, `--limit 20`."""

from __future__ import annotations

import time

from workflows.problems import UsageError
from workflows.values.durations import parse_duration

DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
EXAMPLES = "for example `--since 2d` (s, m, h, d, w) or `--since 2026-11-23`"


def since(text: str | None, now: float | None = None) -> float:
    """Return `2d`, `30m` or a date as seconds since 1970; 0 for None. Raises: UsageError."""
    if text is None:
        return 0.0
    ago = parse_duration(text)
    if ago is not None:
        return (time.time() if now is None else now) - ago
    for form in DATES:
        try:
            return time.mktime(time.strptime(text, form))
        except (ValueError, OverflowError):
            continue
    raise UsageError(f"`{text}` is not a time", EXAMPLES)


def limit(text: str | None) -> int | None:
    """Return the number after `--limit`, None if it is absent. Raises: UsageError."""
    return None if text is None else count(text, "--limit")


def count(text: str, what: str) -> int:
    """Return a string as an integer of at least 1. Raises: UsageError."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise UsageError(f"`{what}` takes a number of at least 1, not `{text}`")
    return int(text)
