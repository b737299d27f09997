"""Which lines, or sessions by their lines, a user asks for: words, `--failed`, `--since 2d`, `--limit 20`."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from workflows.problems import UsageError

if TYPE_CHECKING:
    from .call import Call

FAILED, SINCE, LIMIT = "--failed", "--since", "--limit"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
AGO = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
TOLD = "for example `--since 2d` (s, m, h, d, w) or `--since 2026-11-23`"


def failed_and_since(call: Call) -> tuple[bool, float, Call]:
    """Return whether only what failed is asked for and since when, and the call without that. Raises: UsageError."""
    failed, call = call.flag(FAILED)
    text, call = call.option(SINCE)
    return failed, since(text) if text is not None else 0.0, call


def since(text: str, now: float | None = None) -> float:
    """Return the time (seconds since 1970) of `2d`, `30m` or a date. Raises: UsageError."""
    found = AGO.fullmatch(text.lower())
    if found:
        return (time.time() if now is None else now) - int(found[1]) * SECONDS[found[2]]
    for form in DATES:
        try:
            return time.mktime(time.strptime(text, form))
        except (ValueError, OverflowError):
            continue
    raise UsageError(f"`{text}` is no time", TOLD)


def limit(call: Call) -> tuple[int | None, Call]:
    """Return the `--limit`, None where there is none, and the call without it. Raises: UsageError."""
    text, call = call.option(LIMIT)
    return None if text is None else count(text, LIMIT), call


def count(text: str, what: str) -> int:
    """Return the number that a text is. Raises: UsageError."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise UsageError(f"`{what}` takes a number from 1, not `{text}`")
    return int(text)
