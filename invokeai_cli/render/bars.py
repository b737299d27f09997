"""Bars as text: the more room, the more they tell. Pure."""

from __future__ import annotations

from workflows.charts.duration import duration

from .text import cells, cut

WIDEST, NARROWEST = 24, 5  # columns of the bar itself
NARROW = 39  # columns of a whole line that are taken where there are not many more


def bar_room(columns: int) -> int:
    """Return the columns that bars may take: what reaches to the edge is wrapped as soon as a window gets narrower."""
    return max(min(columns - 1, NARROW), columns * 4 // 5)


def bar(
    label: str, step: int, of: int, *, room: int, rate: float = 0.0, unicode: bool = True, wide: int = WIDEST
) -> str:
    """Return a line of `room` columns at most with a label, a bar, steps, rate (steps in a second) and time left."""
    of = max(of, 1)
    label = f"{label} " if label else ""
    count = f"{step}/{of}"
    if rate > 0:
        left = f"{duration((of - step) / rate)} left"
        tails = [f"{count}  {pace(rate, 'step')}  {left}", f"{count}  {left}", count]
    else:
        tails = [count]
    for tail in tails:
        size = min(room - cells(label) - cells(tail) - 1, wide)
        if size >= NARROWEST:
            return f"{label}{drawn(step, of, size, unicode=unicode)} {tail}"
    return cut(label, max(room - cells(count), 0)) + count


def drawn(step: int, of: int, size: int, *, unicode: bool) -> str:
    """Return a bar alone."""
    done = min(max(step, 0), of) * size // max(of, 1)
    full, empty = ("█", "░") if unicode else ("#", ".")
    return full * done + empty * (size - done)


def pace(rate: float, unit: str) -> str:
    """Return how fast something goes, as people say it."""
    if rate < 1:
        return f"{1 / rate:.1f} s/{unit}"
    return f"{rate:.1f} {unit}s/s" if rate < 1000 else f"{rate:.0f} {unit}s/s"
