"""Arrange boxes in layers that fit the width; links that pass a layer become lanes next to its boxes.

Boxes that feed the same boxes share one line, identified by the boxes that it still leads to; so a hundred collected
boxes need only one lane.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from invocations.frozen import frozen
from workflows.charts.chart import Chart

GAP = 2  # number of columns between two items in a layer
LANE = 1  # width of a lane, in columns
CONSIDERED = 64  # maximum number of boxes considered for one layer; no terminal is wide enough for more

Ahead = frozenset[str]  # the boxes that a line still leads to


@frozen
class Lane:
    """A line that passes a layer; it leads to the boxes `above`, of which the boxes `ahead` are below the layer."""

    above: Ahead
    ahead: Ahead


@frozen
class Layer:
    """A layer: boxes side by side, and the lanes next to them."""

    boxes: tuple[str, ...]
    lanes: tuple[Lane, ...]


def layered(chart: Chart, widths: Mapping[str, int], room: int) -> list[Layer] | None:
    """Return the layers, sources first; None if the lines alone exceed the width."""
    ahead = ahead_of(chart)
    waiting = _Waiting(chart)
    open_lines: dict[Ahead, None] = {}
    layers: list[Layer] = []
    while ready := waiting.take():
        chosen = _chosen(ready, open_lines, widths, room)
        if not chosen:
            return None
        lanes = _lanes(open_lines, chosen)
        layers.append(Layer(tuple(chosen), lanes))
        waiting.put_back(key for key in ready if key not in chosen)
        for key in chosen:
            waiting.release(ahead[key])
        open_lines = dict.fromkeys([lane.ahead for lane in lanes] + [ahead[key] for key in chosen if ahead[key]])
    return layers


class _Waiting:
    """Boxes to be placed; boxes whose sources have been placed are taken by depth, then in the order of the chart."""

    def __init__(self, chart: Chart) -> None:
        self._depths = _depths(chart)
        self._missing = {key: len(found) for key, found in _sources(chart).items()}
        self._place = {box.key: place for place, box in enumerate(chart.boxes)}
        self._ready: list[tuple[int, int, str]] = []
        self.put_back(key for key, count in self._missing.items() if count == 0)

    def take(self) -> list[str]:
        """Remove and return the first ready boxes with the smallest depth; return none if all have been placed."""
        taken: list[str] = []
        least = self._ready[0][0] if self._ready else 0
        while self._ready and self._ready[0][0] == least and len(taken) < CONSIDERED:
            taken.append(heappop(self._ready)[2])
        return taken

    def put_back(self, keys: Iterable[str]) -> None:
        """Add boxes that are ready to be placed."""
        for key in keys:
            heappush(self._ready, (self._depths[key], self._place[key], key))

    def release(self, keys: Iterable[str]) -> None:
        """Count one more placed source for each of these boxes."""
        for key in keys:
            self._missing[key] -= 1
        self.put_back(key for key in keys if self._missing[key] == 0)


def _chosen(ready: Sequence[str], open_lines: Iterable[Ahead], widths: Mapping[str, int], room: int) -> list[str]:
    """Return as many boxes as fit side by side, next to the lanes."""
    chosen: list[str] = []
    taken, least = 0, min(widths[key] for key in ready)
    for key in ready:
        if taken + least > room:
            break
        more = [*chosen, key]
        if taken + widths[key] <= room and _width(more, open_lines, widths) <= room:
            chosen = more
            taken += widths[key] + GAP
    return chosen


def ahead_of(chart: Chart) -> dict[str, Ahead]:
    """Return the boxes that each box feeds."""
    found: dict[str, set[str]] = {box.key: set() for box in chart.boxes}
    for link in chart.links:
        found[link.source].add(link.target)
    return {key: frozenset(targets) for key, targets in found.items()}


def _sources(chart: Chart) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {box.key: set() for box in chart.boxes}
    for link in chart.links:
        found[link.target].add(link.source)
    return found


def _lanes(open_lines: Iterable[Ahead], chosen: Sequence[str]) -> tuple[Lane, ...]:
    lanes = [Lane(line, line.difference(chosen)) for line in open_lines]
    return tuple(sorted((lane for lane in lanes if lane.ahead), key=lambda lane: min(lane.ahead)))


def _width(boxes: Sequence[str], open_lines: Iterable[Ahead], widths: Mapping[str, int]) -> int:
    """Return the width of a layer with these boxes and the lines that also lead to other boxes."""
    passing = sum(len(line) > sum(key in line for key in boxes) for line in open_lines)
    things = [widths[key] for key in boxes] + [LANE] * passing
    return sum(things) + GAP * (len(things) - 1)


def _depths(chart: Chart) -> dict[str, int]:
    """Return the depth of each box: below all its sources or, without sources, just above the first box it feeds."""
    sources, ahead = _sources(chart), ahead_of(chart)
    missing = {key: len(found) for key, found in sources.items()}
    ready = [key for key, count in missing.items() if count == 0]
    depths: dict[str, int] = {}
    for key in ready:
        depths[key] = max((depths[source] + 1 for source in sources[key]), default=0)
        for target in ahead[key]:
            missing[target] -= 1
            if missing[target] == 0:
                ready.append(target)
    for key, found in sources.items():
        if not found and ahead[key]:
            depths[key] = min(depths[target] for target in ahead[key]) - 1
    return depths
