"""Evenly spaced numbers that are exact decimals and are counted without being created."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.frozen import frozen

from .draws import Draws

MAX_DIGITS = 300  # digits of a number: more than any input needs, and fewer than `int()` accepts
MAX_EXPONENT = 400  # the smallest float is 5e-324
LARGEST = 308  # numbers are smaller than this power of ten, about the largest float
DIGITS = frozenset("0123456789")
FINEST = 1000  # numbers with a fraction are drawn from at least this many different numbers


@frozen
class Exact:
    """The number `units` / 10**`places`."""

    units: int
    places: int = 0

    def at(self, places: int) -> int:
        """Return the units of this number when it is written with this many decimal places."""
        return int(self.units * 10 ** (places - self.places))

    def equals(self, other: Exact) -> bool:
        """Return True if two numbers are equal; `1.0` equals `1`."""
        places = max(self.places, other.places)
        return self.at(places) == other.at(places)

    def __str__(self) -> str:
        digits = str(abs(self.units)).rjust(self.places + 1, "0")
        whole, fraction = digits[: len(digits) - self.places], digits[len(digits) - self.places :].rstrip("0")
        return ("-" if self.units < 0 else "") + whole + ("." + fraction if fraction else "")


def read_whole(text: str) -> Exact | None:
    """Return an integer in decimal digits, or None if the text is not an integer."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not digits or not DIGITS.issuperset(digits) or len(digits) > MAX_DIGITS:
        return None
    return Exact(int(text))


def read_number(text: str) -> Exact | None:
    """Return a number such as `2`, `.5` or `1e-3`, or None if the text is not a number or is out of range."""
    mantissa, e, exponent = text.replace("E", "e").partition("e")
    whole, _, fraction = mantissa.partition(".")
    units = read_whole(whole + fraction) if DIGITS.issuperset(fraction) else None
    power = read_whole(exponent) if e else Exact(0)
    if units is None or power is None or abs(power.units) > MAX_EXPONENT:
        return None
    places = len(fraction) - power.units
    found = Exact(units.units, places) if places >= 0 else Exact(units.units * 10**-places)
    return found if abs(found.units) < 10 ** (LARGEST + found.places) else None


@frozen
class Numbers:
    """Evenly spaced numbers: number i is (`start` + i * `step`) / `divisor`.

    total: how many numbers there are
    whole: each number is rounded to the nearest integer, and a half is rounded up
    drawn: if this is not None, only so many of the numbers are used, in random order
    """

    start: int
    step: int
    divisor: int
    total: int
    whole: bool
    drawn: int | None = None

    @property
    def count(self) -> int:
        """How many numbers `values` yields."""
        return self.total if self.drawn is None else self.drawn

    @property
    def ends(self) -> tuple[int | float, int | float]:
        """The first and the last number of the range."""
        return self._value(0), self._value(self.total - 1)

    def values(self, seed: int = 0, name: str = "") -> Iterator[int | float]:
        """Yield the numbers. seed, name: determine which numbers are drawn; `name` is usually the name of the input."""
        places = range(self.total) if self.drawn is None else Draws(seed, name).distinct(self.drawn, self.total)
        return map(self._value, places)

    def _value(self, place: int) -> int | float:
        """Return one number: an integer, or the float that is closest to the exact number."""
        number = self.start + place * self.step
        return (2 * number + self.divisor) // (2 * self.divisor) if self.whole else number / self.divisor


def stepped(first: Exact, last: Exact, step: Exact, *, whole: bool) -> Numbers | None:
    """Return the numbers from `first` up or down to `last`; None if the step is 0 or leads away from `last`."""
    places = max(first.places, last.places, step.places)
    start, end, by = first.at(places), last.at(places), step.at(places)
    if by == 0 or (end - start) * by < 0:
        return None
    return Numbers(start, by, 10**places, (end - start) // by + 1, whole)


def spread(first: Exact, last: Exact, count: int, *, whole: bool) -> Numbers | None:
    """Return `count` different, evenly spaced numbers from `first` to `last`; None if there are not that many."""
    places = max(first.places, last.places)
    start, end = first.at(places), last.at(places)
    gaps = max(count - 1, 1)
    if (start == end) != (count == 1) or (whole and abs(end - start) < count - 1):
        return None
    return Numbers(start * gaps, end - start, 10**places * gaps, count, whole)


def drawn(first: Exact, last: Exact, count: int, *, whole: bool) -> Numbers | None:
    """Return `count` different numbers between two numbers, in random order; None if there are not that many.

    Numbers with a fraction have as few decimal places as possible, but there are at least 1,000 numbers to draw from,
    and ten for each number that is drawn.
    """
    places = max(first.places, last.places)
    low, high = (last, first) if last.at(places) < first.at(places) else (first, last)
    step = Exact(1) if whole else power_within(first, last, max(FINEST, 10 * count))
    row = stepped(low, high, step, whole=whole)
    if row is None or row.total < count:
        return None
    return Numbers(row.start, row.step, row.divisor, row.total, whole, count)


def power_within(first: Exact, last: Exact, parts: int) -> Exact:
    """Return the largest power of ten that fits at least `parts` times between two numbers."""
    places = max(first.places, last.places)
    distance, wanted = abs(last.at(places) - first.at(places)), parts * 10**places
    if distance >= wanted:
        return Exact(10 ** (len(str(distance // wanted)) - 1))
    return Exact(1, len(str(-(-wanted // distance) - 1))) if distance else Exact(1)
