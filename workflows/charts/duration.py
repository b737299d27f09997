"""Format durations for people to read."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a duration as text: `12 ms`, `4.5 s`, `1 min 01 s`, `2 h 05 min`."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def about(seconds: float) -> str:
    """Return an estimate as text: `about 4 s`, `about 40 s`, `about 4 min`, `about 2 h 30 min`."""
    if seconds < 57.5:
        return f"about {max(1, round(seconds)) if seconds < 9.5 else round(seconds / 5) * 5} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"
