"""Durations as people write them: `90s`, `30m`, `2h`, `1h30m`, `2 hours`."""

from __future__ import annotations

import re
from typing import Final

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
UNIT: Final = r"s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?"
PART: Final = rf"(\d{{1,6}}(?:\.\d{{1,3}})?) ?({UNIT})(?![a-z])"
WHOLE: Final = re.compile(rf"{PART}(?: ?{PART})*", re.ASCII)
PARTS: Final = re.compile(PART, re.ASCII)
CLOCK: Final = re.compile(r"(\d{1,4}):(\d\d)", re.ASCII)
EXAMPLES: Final = "for example 30m, 2h or 1h30m"


def parse_duration(text: str) -> float | None:
    """Return a duration in seconds, or None if the string is not a duration; units are s, m, h, d and w."""
    text = text.lower()
    if not WHOLE.fullmatch(text):
        return None
    return sum(float(number) * SECONDS[unit[0]] for number, unit in PARTS.findall(text))


def duration_hint(text: str) -> str:
    """Return what to write instead of a string that is not a duration above 0."""
    if clock := CLOCK.fullmatch(text):
        first, second = clock.groups()
        return f"write the units: {first}h{second}m or {first}m{second}s"
    if text.isascii() and text.isdigit() and int(text):
        return f"write the unit: {text}s, {text}m or {text}h"
    if parse_duration(f"{text}m"):
        return f"write the unit of each number: {text}m"
    return EXAMPLES
