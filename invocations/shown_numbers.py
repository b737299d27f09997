"""Format counts and numbers of bytes for people to read."""

from __future__ import annotations

from typing import Final

UNITS: Final = ("B", "kB", "MB", "GB", "TB")
MAX_DIGITS: Final = 3  # maximum number of additional digits that tell two sizes apart


def counted(count: int, what: str) -> str:
    """Return a number with its noun: `1 image`, `2 images`."""
    return f"{count} {what}{'s' * (count != 1)}"


def readable_size(size: int, more_digits: int = 0) -> str:
    """Return a number of bytes in readable form: `1.5 MB`. more_digits: how many digits to add to it."""
    power = min((len(str(size)) - 1) // 3, len(UNITS) - 1)
    amount = size / 1000**power
    digits = (amount < 100) + more_digits if power else 0
    return f"{amount:.{digits}f} {UNITS[power]}"


def readable_sizes(first: int, second: int) -> tuple[str, str]:
    """Return two numbers of bytes in readable form, with as many digits as are needed to tell them apart."""
    found = readable_size(first), readable_size(second)
    for more in range(1, MAX_DIGITS + 1):
        if first == second or found[0] != found[1]:
            break
        found = readable_size(first, more), readable_size(second, more)
    return found
