"""Count the numbered blocks of a network in the names of its tensors."""

from __future__ import annotations

from collections.abc import Iterable


def numbered(names: Iterable[str], root: str) -> list[str]:
    """Return the blocks `root.0`, `root.1` and so on, in order. Raises: ValueError, if one is missing."""
    start = root + "."
    found = {name[len(start) :].partition(".")[0] for name in names if name.startswith(start)}
    numbers = sorted(int(each) for each in found if each.isdecimal())
    if numbers != list(range(len(numbers))):
        raise ValueError(f"there is no {root}.{next(i for i, number in enumerate(numbers) if i != number)}")
    return [f"{root}.{number}" for number in numbers]


def count(names: Iterable[str], root: str) -> int:
    """Return the number of blocks `root.0`, `root.1` and so on. Raises: ValueError, if one is missing."""
    return len(numbered(names, root))
