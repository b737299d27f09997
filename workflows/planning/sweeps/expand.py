"""Make the values of the axes of a stage, once their number is known to be within the limit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from invocations.language.each import EachDrawn, EachItem, EachRange, EachText
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.spec import FieldSpec
from workflows.planning.draft import Content, Draft, Several
from workflows.planning.errors import PlanningError
from workflows.planning.read_values import check_value, read_text

from .axes import label
from .kinds import is_whole, kind_of
from .limits import refused_size

BITS = 32  # of a random seed


def axes_of(draft: Draft) -> list[str]:
    """Return the inputs of a stage that are axes, in the order in which they were written."""
    found = [(content.span or Span(0, 0), name) for name, content in draft.contents.items() if is_axis(content)]
    return [name for span, name in sorted(found, key=lambda each: each[0].start)]


def is_axis(content: Content) -> bool:
    """Whether an input has several values although it takes one."""
    return isinstance(content.value, Several)


def expand(draft: Draft, most: int) -> list[LanguageError]:
    """Make the values of the axes of a draft; return the errors, whose inputs are then without content.

    most: how many items the nodes of the stage may have
    """
    names = axes_of(draft)
    found = [error for name in names if (error := Parts(draft, name).error()) is not None]
    found = found or refused_size(draft, {name: Parts(draft, name).count for name in names}, most)
    for name in names:
        if not found:
            try:
                draft.contents[name] = Parts(draft, name).expanded()
            except PlanningError as refused:
                found.append(refused.error)
    if found:
        for name in names:
            draft.contents.pop(name, None)
    return found


class Parts:
    """What is written for one axis."""

    def __init__(self, draft: Draft, name: str) -> None:
        self.draft, self.content = draft, draft.contents[name]
        field = draft.spec.input(name)
        assert field is not None
        self.field: FieldSpec = field
        self.parts: Sequence[EachItem] = self.content.value.parts

    def error(self) -> LanguageError | None:
        """Return the first error in a range or a number of seeds, or None."""
        return next((error for part in self.parts if (error := self._error(part)) is not None), None)

    def _error(self, part: EachItem) -> LanguageError | None:
        if isinstance(part, EachDrawn):
            return part.error(self.field.name, is_seed=self.field.seed)
        if isinstance(part, EachRange) and kind_of(self.field) == "numbers":
            found = part.numbers(whole=self._is_whole(part))
            return found if isinstance(found, LanguageError) else None
        return None

    def _is_whole(self, part: EachRange) -> bool:
        """Whether the numbers of a range are integers; a number of any kind is one if it is written like one."""
        if is_whole(self.field):
            return True
        bases = {member.base for member in self.field.type.args}
        return (
            "int" in bases
            and set(part.text.partition("?")[0]) <= set("0123456789+-:/.")
            and "." not in (part.text.replace("..", ""))
        )

    @property
    def count(self) -> int:
        """The number of values."""
        return sum(self._count(part) for part in self.parts)

    def _count(self, part: EachItem) -> int:
        if isinstance(part, EachRange) and kind_of(self.field) == "numbers":
            numbers = part.numbers(whole=self._is_whole(part))
            return 0 if isinstance(numbers, LanguageError) else numbers.count
        return part.count if isinstance(part, EachDrawn) else 1

    def expanded(self) -> Content:
        """Return the content of the input with all values. Raises: PlanningError."""
        values: list[object] = []
        items: list[Span] = []
        for part in self.parts:
            made = list(self._values(part))
            values += made
            items += [part.span] * len(made)
        if any(map(self._is_drawn, self.parts)) and self.content.span is not None:
            self.draft.drawn[self.content.span] = ",".join(map(label, values))
        return Content(Several((*self.parts,), values, items), "written", self.content.span)

    def _values(self, part: EachItem) -> Iterator[object]:
        if isinstance(part, EachDrawn):
            yield from (int.from_bytes(os.urandom(BITS // 8), "big") for _ in range(part.count))
        elif isinstance(part, EachText) or kind_of(self.field) != "numbers":
            yield read_text(self.field, part.text, part.span)
        else:
            yield from self._numbers(part)

    def _numbers(self, part: EachRange) -> list[int | float]:
        """Return the numbers of a range. Raises: PlanningError, if one is out of the input's range."""
        numbers = part.numbers(whole=self._is_whole(part))
        assert not isinstance(numbers, LanguageError)
        seed = self._seed()
        found = list(numbers.values(int.from_bytes(os.urandom(8), "big") if seed is None else seed, self.field.name))
        for number in found if self.field.multiple_of else (min(found), max(found)):
            check_value(self.field, number, part.span)
        return found

    def _is_drawn(self, part: EachItem) -> bool:
        """Whether values are random numbers that no seed in the line determines."""
        return isinstance(part, EachDrawn) or (
            isinstance(part, EachRange) and part.kind == "?" and self._seed() is None
        )

    def _seed(self) -> int | None:
        """Return the seed of the stage, or None if it has none or several."""
        for field in self.draft.spec.inputs:
            content = self.draft.contents.get(field.name)
            if field.seed and content is not None and isinstance(content.value, int):
                return content.value
        return None
