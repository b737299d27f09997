"""Groups of alternatives, of which one or several different ones are chosen."""

from __future__ import annotations

import math
import operator
from bisect import bisect
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from .choices import Choice, Fixed, Turn
from .errors import DynamicError

MAX_FLAT = 10_000  # how many alternatives are compared; beyond this number, an inner group counts as one alternative
MAX_TABLE = 200_000  # limits the time for counting the ways to choose several of many alternatives


class Union(Choice):
    """One of several alternatives.

    Equal plain strings count once, including those in nested groups.
    """

    def __init__(self, choices: Sequence[Choice], weights: Sequence[float]) -> None:
        self.choices = choices
        self.weights = weights
        self.longest = max(choice.longest for choice in choices)
        self.work = 1 + max(choice.work for choice in choices)

    @cached_property
    def _flat(self) -> list[Choice]:
        """The alternatives to count, with each inner group replaced by its own alternatives."""
        flat: list[Choice] = []
        for choice in self.choices:
            inner = choice._flat if isinstance(choice, Union) else [choice]
            flat += inner if len(flat) + len(inner) <= MAX_FLAT else [choice]
        return [flat[place] for place in _distinct(flat)]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(choice.count for choice in self._flat))

    @cached_property
    def _heights(self) -> list[float]:
        return list(accumulate(self.weights if any(self.weights) else [1.0] * len(self.choices)))

    @property
    def count(self) -> int:  # type: ignore[override]  # computed on demand, because it may take long
        return self._ends[-1]

    def at(self, index: int, turn: Turn) -> str:
        place = bisect(self._ends, index)
        return self._flat[place].at(index - (self._ends[place - 1] if place else 0), turn)

    def drawn(self, turn: Turn) -> str:
        place = bisect(self._heights, turn.stream.unit() * self._heights[-1])
        return self.choices[min(place, len(self.choices) - 1)].drawn(turn)

    def cycled(self, index: int, turn: Turn) -> str:
        index, place = divmod(index, len(self.choices))
        return self.choices[place].cycled(index, turn)


class Picks(Choice):
    """From `low` to `high` different alternatives in any order, joined by a separator.

    Results with fewer alternatives come first; among results of the same length, the first alternative changes slowest.
    """

    def __init__(
        self, choices: Sequence[Choice], weights: Sequence[float], low: int, high: int, separator: str
    ) -> None:
        kept = _distinct(choices)
        self._choices = [choices[place] for place in kept]
        self._weights = [weights[place] for place in kept]
        self._low, self._high = min(low, len(kept)), min(high, len(kept))
        self._separator = separator
        lengths = sorted((choice.longest for choice in self._choices), reverse=True)
        self.longest = sum(lengths[: self._high]) + len(separator) * self._high
        self.work = 1 + self._high + sum(sorted((each.work for each in self._choices), reverse=True)[: self._high])

    @cached_property
    def _counts(self) -> list[int]:
        return [choice.count for choice in self._choices]

    @cached_property
    def count(self) -> int:  # type: ignore[override]  # computed on demand, because it may take long
        return sum(arrangements(self._counts, self._high)[self._low :])

    def at(self, index: int, turn: Turn) -> str:
        places, index = unranked(self._counts, self._low, self._high, index)
        digits = []
        for place in reversed(places):
            index, digit = divmod(index, self._counts[place])
            digits.append(digit)
        return self._joined([self._choices[place].at(digits.pop(), turn) for place in places])

    def drawn(self, turn: Turn) -> str:
        left = list(range(len(self._choices)))
        size = self._low + turn.stream.below(self._high - self._low + 1)
        return self._joined([self._choices[self._take(left, turn)].drawn(turn) for _ in range(size)])

    def cycled(self, index: int, turn: Turn) -> str:
        alone = [1] * len(self._choices)
        index, rank = divmod(index, sum(arrangements(alone, self._high)[self._low :]))
        places, _ = unranked(alone, self._low, self._high, rank)
        return self._joined([self._choices[place].cycled(index, turn) for place in places])

    def _take(self, left: list[int], turn: Turn) -> int:
        """Remove a random index from those that are left, and return it."""
        weights = [self._weights[place] for place in left]
        heights = list(accumulate(weights if any(weights) else [1.0] * len(left)))
        return left.pop(min(bisect(heights, turn.stream.unit() * heights[-1]), len(left) - 1))

    def _joined(self, texts: list[str]) -> str:
        """Join strings; a separator at the start or the end, next to an empty string, is removed."""
        if len(texts) < 2:
            return "".join(texts)
        return self._separator.join(texts).removeprefix(self._separator).removesuffix(self._separator)


def arrangements(counts: Sequence[int], most: int) -> list[int]:
    """Return, for each length from 0 to `most`, how many results choose that many alternatives, in any order.

    counts: how many strings each alternative can become
    """
    if _are_equal(counts):
        factors = [counts[0] * (len(counts) - length) for length in range(most)]
        return list(accumulate(factors, operator.mul, initial=1))
    return [math.factorial(length) * chosen for length, chosen in enumerate(_combinations(counts, most))]


def unranked(counts: Sequence[int], low: int, high: int, index: int) -> tuple[list[int], int]:
    """Return the alternatives of the result at an index, and the index among the results with these alternatives."""
    length = low
    for total in arrangements(counts, high)[low:]:
        if index < total:
            break
        index -= total
        length += 1
    left, places, above = list(range(len(counts))), [], 1
    for more in range(length - 1, -1, -1):
        rank, skipped = _rank([counts[place] for place in left], more, index // above)
        index -= above * skipped
        places.append(left.pop(rank))
        above *= counts[places[-1]]
    return places, index


def _rank(counts: list[int], more: int, index: int) -> tuple[int, int]:
    """Return the alternative that the result at an index begins with, and how many results come before it."""
    if _are_equal(counts):
        block = arrangements(counts, more + 1)[-1] // len(counts)
        return index // block, index // block * block
    ends = list(accumulate(_blocks(counts, more)))
    rank = bisect(ends, index)
    return rank, ends[rank - 1] if rank else 0


def _are_equal(counts: Sequence[int]) -> bool:
    return counts.count(counts[0]) == len(counts)


def _blocks(counts: list[int], more: int) -> Iterator[int]:
    """Yield, for each alternative, how many results begin with it and choose `more` other alternatives after it."""
    chosen = _combinations(counts, more)
    for count in counts:
        without = 1
        for length in range(1, more + 1):
            without = chosen[length] - count * without
        yield count * math.factorial(more) * without


def _combinations(counts: Sequence[int], most: int) -> list[int]:
    """Return the elementary symmetric polynomials of the counts, from degree 0 to `most`."""
    if len(counts) * most > MAX_TABLE:
        raise DynamicError(
            f"choosing up to {most:,} of {len(counts):,} alternatives that contain groups has too many results to count"
        )
    totals = [1] + [0] * most
    for count in counts:
        for length in range(most, 0, -1):
            totals[length] += count * totals[length - 1]
    return totals


def _distinct(choices: Sequence[Choice]) -> list[int]:
    """Return the indices of the alternatives, leaving out repetitions of a string without anything dynamic."""
    seen: set[str] = set()
    return [at for at, each in enumerate(choices) if not (isinstance(each, Fixed) and _is_old(each.text, seen))]


def _is_old(text: str, seen: set[str]) -> bool:
    if text in seen:
        return True
    seen.add(text)
    return False
