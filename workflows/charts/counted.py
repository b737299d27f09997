"""Format a count with its noun for people to read."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """Return a number with its noun: `1 image`, `2 images`."""
    return f"{count} {what}{'s' * (count != 1)}"
