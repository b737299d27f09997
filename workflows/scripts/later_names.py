"""Find the names that the later lines of a script refer to; the lines are read once, on first use."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from invocations.language.parser import read
from workflows.planning.name_uses import uses
from workflows.planning.scope import IsUsed

if TYPE_CHECKING:
    from invocations.language.script import Statement

NameUse = tuple[str, bool]  # a name; True if a stage refers to it, False if a stage takes it
InnerUses = Callable[["Statement"], Iterable[NameUse] | None]


class LaterNames:
    """The lines of one script.

    outer: returns whether a line after the script refers to a name
    inner: returns the names in the script that a `run` directive runs
    """

    def __init__(self, statements: Sequence[Statement], inner: InnerUses, outer: IsUsed) -> None:
        self.statements, self.inner, self.outer = statements, inner, outer

    def after(self, place: int) -> IsUsed:
        """Return a function that returns whether a line after this index (from 0) refers to a name."""
        return lambda name: self._is_used(name, place)

    def _is_used(self, name: str, place: int) -> bool:
        places, refers = self._places.get(name, ([], []))
        at = bisect_right(places, place)
        return refers[at] if at < len(refers) else self.outer(name)

    @cached_property
    def _places(self) -> dict[str, tuple[list[int], list[bool]]]:
        """For each name, the lines that refer to the name or assign it to a stage, in order."""
        found: dict[str, tuple[list[int], list[bool]]] = {}
        for place, statement in enumerate(self.statements):
            for name, refers in uses_of(statement, self.inner):
                places, kinds = found.setdefault(name, ([], []))
                places.append(place)
                kinds.append(refers)
        return found


def uses_of(statement: Statement, inner: InnerUses) -> Iterator[NameUse]:
    """Yield the names that a line refers to or assigns to stages, in order."""
    brought = inner(statement)
    if brought is not None:
        yield from brought
        return
    for stage in read(statement.source)[0].stages:
        yield from ((name, True) for name in uses(stage))
        if stage.name is not None:
            yield stage.name, False
