"""Route the lines between two layers: where each line starts, in which row it moves sideways and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invocations.frozen import frozen

from .layers import Lane
from .places import Columns, Line, Thing, middle, width_of


@frozen
class Route:
    """A routed line: its columns above and below; `track` is None if it goes straight down."""

    above: tuple[int, ...]
    below: tuple[int, ...]
    track: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last column of the line."""
        return min(self.above + self.below), max(self.above + self.below)


@frozen
class Channel:
    """All lines between two layers; `rows` is the number of rows they need, `ports` are the places where they end."""

    routes: tuple[Route, ...]
    rows: int
    ports: tuple[tuple[str, int], ...]


def routed(lines: Sequence[Line], upper: Columns, lower: Columns, widths: Mapping[str, int], room: int) -> Channel:
    """Return the routed lines between two layers; lanes in the lower layer may move by a column to keep lines apart."""
    tops = [tuple(middle(thing, upper, widths) for thing in line.above) for line in lines]
    used: dict[int, int] = {column: index for index, columns in enumerate(tops) for column in columns}
    bottoms: list[list[int]] = [[] for _ in lines]
    ports: list[tuple[str, int]] = []
    for thing in lower:
        entering = [index for index, line in enumerate(lines) if thing in line.below]
        entering.sort(key=lambda index: sum(tops[index]) / len(tops[index]))
        for place, index in enumerate(entering):
            column = _port(thing, place, len(entering), index, tops[index], used, lower, widths, room)
            used[column] = index
            bottoms[index].append(column)
            if isinstance(thing, Lane):
                lower[thing] = column
            else:
                ports.append((thing, column))
    routes = [Route(top, tuple(bottom)) for top, bottom in zip(tops, bottoms, strict=True) if bottom]
    return _tracked(routes, tuple(ports))


def _port(
    thing: Thing,
    place: int,
    count: int,
    line: int,
    tops: tuple[int, ...],
    used: Mapping[int, int],
    lower: Columns,
    widths: Mapping[str, int],
    room: int,
) -> int:
    """Return the column where a line ends: no other line uses it, and it is straight below the start if possible."""
    start, width = lower[thing], width_of(thing, widths)
    if isinstance(thing, Lane):
        candidates = [column for column in (start, start + 1, start - 1) if 0 <= column < room]
    else:
        wanted = start + width * (place + 1) // (count + 1)
        if count == 1 and len(tops) == 1 and start < tops[0] < start + width - 1:
            wanted = tops[0]
        candidates = sorted(range(start + 1, start + width - 1), key=lambda column: abs(column - wanted))
    free = (column for column in candidates if used.get(column, line) == line)
    return next(free, candidates[0])


def _tracked(routes: Sequence[Route], ports: tuple[tuple[str, int], ...]) -> Channel:
    """Assign a row to each line that moves sideways; lines that do not overlap share a row."""
    ends: list[int] = []  # the last used column of each track
    found = []
    for route in sorted(routes, key=lambda route: route.span):
        first, last = route.span
        if first == last:
            found.append(route)
            continue
        track = next((index for index, end in enumerate(ends) if end + 1 < first), len(ends))
        ends[track:] = [last, *ends[track + 1 :]]
        found.append(Route(route.above, route.below, track))
    return Channel(tuple(found), len(ends), ports)
