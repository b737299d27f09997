"""An index of stages: find results by type and names by prefix without looking at all stages."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from heapq import merge

from invocations.graph.linking import Offer
from invocations.spec import FieldType

END = "\U0010ffff"  # sorts after every character that a name may have
Fits = Callable[[FieldType], bool]


class StageIndex:
    """The numbers of stages by the type of their main output, and the names of stages in alphabetical order."""

    def __init__(self) -> None:
        self._numbers: dict[FieldType, list[int]] = {}
        self._names: list[tuple[str, str]] = []
        self._known: set[str] = set()

    def add(self, number: int, name: str | None, main: Offer | None) -> None:
        """Add a stage with its main output, usually the latest stage; adding it again changes nothing."""
        if main is not None:
            numbers = self._numbers.setdefault(main.type, [])
            if not numbers or numbers[-1] != number:
                insort(numbers, number)
        if name and name not in self._known:
            self._known.add(name)
            insort(self._names, (name.lower(), name))

    def latest(self, fits: Fits) -> Iterator[int]:
        """Yield the stages whose type fits, the latest first; a stage that has changed its type may occur twice."""
        return merge(*(reversed(found) for type_, found in self._numbers.items() if fits(type_)), reverse=True)

    def names(self, typed: str) -> list[str]:
        """Return the names that begin with the typed text, ignoring case."""
        first, end = ((bound,) for bound in (typed.lower(), typed.lower() + END))
        found = self._names[bisect_left(self._names, first) : bisect_left(self._names, end)]
        return [name for _, name in found]
