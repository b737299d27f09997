"""Arrange boxes in layers that fit the width; links that pass a layer become lanes next to its boxes.

Boxes that feed the same boxes share one line, identified by the boxes that it still leads to; so a hundred collected
boxes need only one lane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invocations.frozen import frozen
from workflows.charts.chart import Chart

GAP = 2  # columns between two items of a layer
LANE = 1  # width of a lane, in columns

Ahead = frozenset[str]  # the boxes that a line still leads to


@frozen
class Lane:
    """A line that passes a layer: its identity above the layer, and the boxes it leads to below."""

    above: Ahead
    ahead: Ahead


@frozen
class Layer:
    """Boxes side by side, and the lanes next to them."""

    boxes: tuple[str, ...]
    lanes: tuple[Lane, ...]


def layered(chart: Chart, widths: Mapping[str, int], room: int) -> list[Layer] | None:
    """Return the layers, sources first; None if the lines alone exceed the width."""
    ahead = ahead_of(chart)
    depths = _depths(chart)
    sources = _sources(chart)
    waiting = [box.key for box in chart.boxes]
    placed: set[str] = set()
    open_lines: set[Ahead] = set()
    layers: list[Layer] = []
    while waiting:
        ready = [key for key in waiting if sources[key] <= placed]
        least = min(depths[key] for key in ready)
        chosen = _chosen([key for key in ready if depths[key] == least], open_lines, widths, room)
        if not chosen:
            return None
        lanes = _lanes(open_lines, chosen)
        layers.append(Layer(tuple(chosen), lanes))
        placed.update(chosen)
        waiting = [key for key in waiting if key not in placed]
        open_lines = {lane.ahead for lane in lanes} | {ahead[key] for key in chosen if ahead[key]}
    return layers


def _chosen(ready: Sequence[str], open_lines: set[Ahead], widths: Mapping[str, int], room: int) -> list[str]:
    """Return the boxes that fit side by side, next to the lanes."""
    chosen: list[str] = []
    taken, least = 0, min(widths[key] for key in ready)
    for key in ready:
        if taken + least > room:
            break
        more = [*chosen, key]
        if taken + widths[key] <= room and _width(more, _lanes(open_lines, more), widths) <= room:
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


def _lanes(open_lines: set[Ahead], chosen: Sequence[str]) -> tuple[Lane, ...]:
    lanes = [Lane(line, line.difference(chosen)) for line in open_lines]
    return tuple(sorted((lane for lane in lanes if lane.ahead), key=lambda lane: (sorted(lane.ahead), len(lane.above))))


def _width(boxes: Sequence[str], lanes: Sequence[Lane], widths: Mapping[str, int]) -> int:
    things = [widths[key] for key in boxes] + [LANE] * len(lanes)
    return sum(things) + GAP * (len(things) - 1)


def _depths(chart: Chart) -> dict[str, int]:
    """Return the depth of each box: below all its sources; without sources, just above the first box it feeds."""
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
