"""Numbers of images or other things that may be known only in part before a line runs."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.shown_numbers import counted


@frozen
class Amount:
    """A number such as `3 + n x 4`, where n is not known until the line has run.

    known: the known part, 3 in the example
    times: the factor of each unknown part, 4 in the example
    """

    known: int = 0
    times: tuple[int, ...] = ()

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.known + other.known, self.times + other.times)

    def __bool__(self) -> bool:
        return bool(self.known or self.times)

    @property
    def number(self) -> int | None:
        """The number, or None if it is not known."""
        return None if self.times else self.known

    def counted(self, what: str) -> str:
        """Return the number with its noun: `1 image`, `n x 4 images`."""
        if not self.times:
            return counted(self.known, what)
        return f"{self} {what}s"

    def __str__(self) -> str:
        parts = [str(self.known)] if self.known or not self.times else []
        return " + ".join([*parts, *("n" if factor == 1 else f"n x {factor}" for factor in self.times)])
