"""The names of the axes of sweeps: `steps`, or `i2i.steps` if two stages have an axis of this name."""

from __future__ import annotations

from collections.abc import Collection


def new_name(field: str, command: str, taken: Collection[str]) -> str:
    """Return a name for a new axis that no other axis has."""
    if field not in taken:
        return field
    wanted = name = f"{command}.{field}"
    count = 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    return name
