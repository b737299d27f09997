"""Place the items of each layer in columns, as close as possible to the center of their neighbors, without overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invocations.frozen import frozen

from .layers import GAP, LANE, Ahead, Lane, Layer

Thing = str | Lane  # the key of a box, or a lane
Columns = dict[Thing, int]  # left column of each item in a layer
STRAIGHT = 4  # weight of a lane, relative to a box
SWEEPS = 3  # number of passes (down, up, down); more passes change nothing in typical graphs


@frozen
class Line:
    """A connection between items in one layer and items in the layer below it."""

    above: tuple[Thing, ...]
    below: tuple[Thing, ...]


def joined(upper: Layer, lower: Layer, ahead: Mapping[str, Ahead]) -> list[Line]:
    """Return the lines between two layers, in the order of the items in the upper layer."""
    things: dict[Ahead, list[Thing]] = {}
    for key in upper.boxes:
        if ahead[key]:
            things.setdefault(ahead[key], []).append(key)
    for lane in upper.lanes:
        things.setdefault(lane.ahead, []).append(lane)
    lines = []
    for line, above in things.items():
        below: list[Thing] = [key for key in lower.boxes if key in line]
        below += [lane for lane in lower.lanes if lane.above == line]
        lines.append(Line(tuple(above), tuple(below)))
    return lines


def placed(
    layers: Sequence[Layer], lines: Sequence[Sequence[Line]], widths: Mapping[str, int], room: int
) -> list[Columns]:
    """Return the columns of each layer's items; `lines[i]` connects layer i with the next."""
    orders: list[list[Thing]] = [[*layer.boxes, *layer.lanes] for layer in layers]
    columns: list[Columns] = [_packed(order, [None] * len(order), widths, room) for order in orders]
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for index in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            other = columns[index - 1 if down else index + 1]
            wanted = _wanted(lines[index - 1 if down else index], other, widths, down=down)
            if sweep == 0:
                orders[index].sort(key=lambda thing, wanted=wanted: wanted.get(thing, float(room)))  # type: ignore[misc]
            middles = [wanted.get(thing) for thing in orders[index]]
            columns[index] = _packed(orders[index], middles, widths, room)
    least = min(column for each in columns for column in each.values())
    return [{thing: column - least for thing, column in each.items()} for each in columns]


def width_of(thing: Thing, widths: Mapping[str, int]) -> int:
    """Return the width of an item in columns."""
    return widths[thing] if isinstance(thing, str) else LANE


def middle(thing: Thing, columns: Columns, widths: Mapping[str, int]) -> int:
    """Return the center column of an item."""
    return columns[thing] + width_of(thing, widths) // 2


def _wanted(lines: Sequence[Line], other: Columns, widths: Mapping[str, int], *, down: bool) -> dict[Thing, float]:
    """Return the center of each item's neighbors in the other layer."""
    ends: dict[Thing, list[int]] = {}
    for line in lines:
        here, there = (line.below, line.above) if down else (line.above, line.below)
        lanes = [each for each in there if isinstance(each, Lane)]
        for thing in here:
            near = lanes if lanes and isinstance(thing, Lane) else there  # a lane continues straight if it can
            ends.setdefault(thing, []).extend(middle(each, other, widths) for each in near)
    return {thing: sum(found) / len(found) for thing, found in ends.items() if found}


def _packed(order: Sequence[Thing], middles: Sequence[float | None], widths: Mapping[str, int], room: int) -> Columns:
    """Return columns in this order, closest to the desired centers (least squares, pool adjacent violators)."""
    offsets, at = [], 0
    for thing in order:
        offsets.append(at)
        at += width_of(thing, widths) + GAP
    slack = max(room - (at - GAP), 0)
    pools: list[tuple[float, int, int]] = []  # (weighted sum of columns, weight, number of items)
    last = 0.0
    for thing, wanted, offset in zip(order, middles, offsets, strict=True):
        last = wanted - width_of(thing, widths) // 2 - offset if wanted is not None else last
        weight = STRAIGHT if isinstance(thing, Lane) else 1
        pool = (last * weight, weight, 1)
        while pools and pools[-1][0] / pools[-1][1] > pool[0] / pool[1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    starts = [min(max(round(total / weight), 0), slack) for total, weight, count in pools for _ in range(count)]
    return {thing: start + offset for thing, start, offset in zip(order, starts, offsets, strict=True)}
