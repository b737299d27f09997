"""The stages whose results fit an input, and the names that begin as typed, found without looking at the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from heapq import merge

from invocations.spec import FieldType

END = "\U0010ffff"  # sorts after every character that a name may have
Fits = Callable[[FieldType], bool]


class LatestStages:
    """The numbers of stages, by the type of their main output."""

    def __init__(self) -> None:
        self._numbers: dict[FieldType, list[int]] = {}

    def add(self, number: int, type_: FieldType) -> None:
        """Add a stage, usually the latest one; adding it again changes nothing."""
        numbers = self._numbers.setdefault(type_, [])
        if not numbers or numbers[-1] != number:
            insort(numbers, number)

    def numbers(self, fits: Fits) -> Iterator[int]:
        """Yield the stages whose type fits, the latest first; a stage that has changed its type may occur twice."""
        return merge(*(reversed(found) for type_, found in self._numbers.items() if fits(type_)), reverse=True)

    def copy(self) -> LatestStages:
        """Return a copy, which can be extended independently."""
        other = LatestStages()
        other._numbers = {type_: list(numbers) for type_, numbers in self._numbers.items()}
        return other


class SortedNames:
    """Names in alphabetical order, ignoring case."""

    def __init__(self) -> None:
        self._names: list[tuple[str, str]] = []

    def add(self, name: str) -> None:
        """Add a name that is not there yet."""
        insort(self._names, (name.lower(), name))

    def beginning(self, typed: str) -> list[str]:
        """Return the names that begin with the typed text."""
        first, end = ((bound,) for bound in (typed.lower(), typed.lower() + END))
        found = self._names[bisect_left(self._names, first) : bisect_left(self._names, end)]
        return [name for _, name in found]

    def copy(self) -> SortedNames:
        """Return a copy, which can be extended independently."""
        other = SortedNames()
        other._names = list(self._names)
        return other
