"""The strings that the parts of a template can become: how many there are, the one at an index, and a random one.

No string is made before it is asked for, so the number of strings may be astronomical.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from bisect import bisect
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from .parts import Sampler
from .stream import Stream

_GAP = re.compile("[\u1801\u2026\u22ee\u22ef\u22f0\u22f1\ufe19]+|\\.{3,}")  # the place of the inner text in a wrap


class Turn:
    """The state that all parts of a template share while one result is made.

    number: the index of the result, from 0
    slots: the values of variables that are chosen once for each result
    """

    __slots__ = ("number", "slots", "stream")

    def __init__(self, number: int, stream: Stream) -> None:
        self.number = number
        self.stream = stream
        self.slots: dict[Slot, str] = {}


class Unchosen(Exception):
    """A variable is needed whose value is chosen once for each result, but no result is being made."""

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.slot = slot


class Choice(ABC):
    """The strings that one part of a template can become.

    count: the number of strings
    longest: an upper bound for the length of a string, in characters
    work: an upper bound for the number of parts that one string consists of
    """

    count: int
    longest: int
    work: int

    @abstractmethod
    def at(self, index: int, turn: Turn) -> str:
        """Return the string at an index, at least 0 and below `count`."""

    @abstractmethod
    def drawn(self, turn: Turn) -> str:
        """Return a random string."""

    @abstractmethod
    def cycled(self, index: int, turn: Turn) -> str:
        """Return the string at an index if each group takes its alternatives in turn, again and again."""


class Fixed(Choice):
    """A string that is always the same."""

    __slots__ = ("longest", "text")
    count = 1
    work = 1

    def __init__(self, text: str) -> None:
        self.text = text
        self.longest = len(text)

    def at(self, index: int, turn: Turn) -> str:
        return self.text

    def drawn(self, turn: Turn) -> str:
        return self.text

    def cycled(self, index: int, turn: Turn) -> str:
        return self.text


class Slot(Choice):
    """The value of a variable that is chosen once for each result."""

    count = 1
    work = 1

    def __init__(self, value: Choice) -> None:
        self.value = value
        self.longest = value.longest

    def at(self, index: int, turn: Turn) -> str:
        return self.drawn(turn)

    def cycled(self, index: int, turn: Turn) -> str:
        return self.drawn(turn)

    def drawn(self, turn: Turn) -> str:
        if self not in turn.slots:
            raise Unchosen(self)
        return turn.slots[self]


class Combined(Choice):
    """All combinations of the choices of several parts; the choice of the first part changes slowest.

    slots: variables whose values are chosen before the parts; they change more slowly than the first part
    """

    def __init__(self, parts: Sequence[Choice], slots: Sequence[Slot] = (), gap: bool = False) -> None:
        self._parts = parts
        self._slots = slots
        self.longest = sum(part.longest for part in parts)
        self.work = 1 + sum(part.work for part in parts) + sum(slot.value.work for slot in slots)
        self._join = wrapped if gap else "".join

    @cached_property
    def count(self) -> int:  # type: ignore[override]  # computed on demand, because it may take long
        return math.prod(choice.count for choice in self._all)

    @property
    def _all(self) -> list[Choice]:
        return [*(slot.value for slot in self._slots), *self._parts]

    def at(self, index: int, turn: Turn) -> str:
        digits = []
        for choice in reversed(self._all):
            index, digit = divmod(index, choice.count)
            digits.append(digit)
        for slot in self._slots:
            turn.slots[slot] = slot.value.at(digits.pop(), turn)
        return self._join([part.at(digits.pop(), turn) for part in self._parts])

    def drawn(self, turn: Turn) -> str:
        for slot in self._slots:
            turn.slots[slot] = slot.value.drawn(turn)
        return self._join([part.drawn(turn) for part in self._parts])

    def cycled(self, index: int, turn: Turn) -> str:
        for slot in self._slots:
            turn.slots[slot] = slot.value.cycled(index, turn)
        return self._join([part.cycled(index, turn) for part in self._parts])


class Sampled(Choice):
    """A part that is random (`~`) or takes its alternatives in turn (`@`), whatever the rest of the template does."""

    count = 1

    def __init__(self, choice: Choice, sampler: Sampler) -> None:
        self._choice = choice
        self._is_random = sampler == "~"
        self.longest, self.work = choice.longest, choice.work

    def at(self, index: int, turn: Turn) -> str:
        return self.cycled(turn.number, turn)

    def drawn(self, turn: Turn) -> str:
        return self.cycled(turn.number, turn)

    def cycled(self, index: int, turn: Turn) -> str:
        return self._choice.drawn(turn) if self._is_random else self._choice.cycled(index, turn)


class PerValue(Choice):
    """The choices of a template in which a variable names a wildcard: each value of the variable has its own.

    choices: the choices for each value
    """

    def __init__(self, value: Choice, choices: Mapping[str, Choice]) -> None:
        self._value = value
        self._choices = choices
        self.longest = max(choice.longest for choice in choices.values())
        self.work = value.work + max(choice.work for choice in choices.values())

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(choice.count for choice in self._choices.values()))

    @property
    def count(self) -> int:  # type: ignore[override]  # computed on demand, because it may take long
        return self._ends[-1]

    def at(self, index: int, turn: Turn) -> str:
        place = bisect(self._ends, index)
        chosen = list(self._choices.values())[place]
        return chosen.at(index - (self._ends[place - 1] if place else 0), turn)

    def drawn(self, turn: Turn) -> str:
        return self._choices[self._value.drawn(turn)].drawn(turn)

    def cycled(self, index: int, turn: Turn) -> str:
        return self._choices[self._value.cycled(index, turn)].cycled(index, turn)


def wrapped(texts: list[str]) -> str:
    """Return the first of two strings, with its first gap (`...`) replaced by the second string."""
    wrapper, inner = texts
    gap = _GAP.search(wrapper)
    return wrapper + inner if gap is None else wrapper[: gap.start()] + inner + wrapper[gap.end() :]
