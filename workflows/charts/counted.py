"""Format a count with its noun, or a number of bytes, for people to read."""

from __future__ import annotations

from typing import Final

SIZE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def counted(count: int, what: str) -> str:
    """Return a number with its noun: `1 image`, `2 images`."""
    return f"{count} {what}{'s' * (count != 1)}"


def file_size(size: int) -> str:
    """Return a number of bytes in readable form: `1.5 MB`."""
    power = min((len(str(size)) - 1) // 3, len(SIZE_UNITS) - 1)
    amount = size / 1000**power
    return f"{amount:.0f} {SIZE_UNITS[power]}" if power == 0 or amount >= 100 else f"{amount:.1f} {SIZE_UNITS[power]}"
