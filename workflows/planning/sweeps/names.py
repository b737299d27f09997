"""The names of the axes of sweeps: `steps`, or `i2i.steps` if two stages have an axis of this name."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

FIELD: Final = re.compile(r"\{([\w.+-]+)")
AXIS: Final = "axis."  # before the name of an axis, in a field


def fields_in(text: str) -> set[str]:
    """Return the fields of a file name such as `{axis.seed}-{index}.png`."""
    return set(FIELD.findall(text))


def axis_fields_in(text: str) -> set[str]:
    """Return the fields of a file name that stand for the values of axes, such as `axis.seed`."""
    return {field for field in fields_in(text) if field.startswith(AXIS)}


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
