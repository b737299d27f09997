"""Durations as people write them: `90s`, `30m`, `2h`, `1h30m`."""

from __future__ import annotations

import re
from typing import Final

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
PART: Final = r"\d{1,6}(?:\.\d{1,3})?[smhdw]"
WHOLE: Final = re.compile(f"(?:{PART})+", re.ASCII)
PARTS: Final = re.compile(PART, re.ASCII)


def parse_duration(text: str) -> float | None:
    """Return a duration in seconds, or None if the string is not a duration; units are s, m, h, d and w."""
    text = text.lower()
    if not WHOLE.fullmatch(text):
        return None
    return sum(float(part[:-1]) * SECONDS[part[-1]] for part in PARTS.findall(text))
