"""The names of the axes of sweeps: `steps`, or `i2i.steps` if two stages have an axis of this name."""

from __future__ import annotations

from collections.abc import Iterable

from invocations.graph.linking import Loop

from .axes import SweepAxis


def new_name(field: str, command: str, axes: Iterable[SweepAxis], around: Iterable[Loop]) -> str:
    """Return a name for a new axis, which no other axis of the line or around its list has."""
    taken = {axis.name for axis in axes} | {loop.axis for loop in around}
    if field not in taken:
        return field
    wanted = name = f"{command}.{field}"
    count = 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    return name
