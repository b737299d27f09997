"""Estimated times for people to read."""

from __future__ import annotations

from invocations.frozen import frozen
from workflows.shown_text import duration


@frozen
class Estimate:
    """A time such as `about 3 s + n x 12 s`, where n is the length of a loop, which is not known until the line runs.

    known: the known part in seconds, 3 in the example
    per_item: the seconds per item of each such loop, 12 in the example
    """

    known: float = 0.0
    per_item: tuple[float, ...] = ()

    @property
    def seconds(self) -> float | None:
        """The time in seconds, or None if it depends on the length of a loop."""
        return None if self.per_item else self.known

    def __str__(self) -> str:
        parts = [about(self.known)] if self.known or not self.per_item else []
        parts += [f"n x {about(each) if each >= 1 else duration(each)}" for each in self.per_item]
        return f"about {' + '.join(parts).replace('about ', '')}"


def about(seconds: float) -> str:
    """Return an estimate as text: `about 4 s`, `about 40 s`, `about 4 min`, `about 2 h 30 min`."""
    if seconds < 57.5:
        return f"about {max(1, round(seconds)) if seconds < 9.5 else round(seconds / 5) * 5} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"
