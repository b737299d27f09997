"""Which names the later lines of a script refer to; read once, and only if a line asks."""

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

NameUse = tuple[str, bool]  # a name, and whether a stage refers to it; False: the stage takes it
InnerUses = Callable[["Statement"], Iterable[NameUse] | None]


class LaterNames:
    """The lines of one script; `outer` answers for the lines after it, `inner` returns what a `run` of it brings in."""

    def __init__(self, statements: Sequence[Statement], inner: InnerUses, outer: IsUsed) -> None:
        self.statements, self.inner, self.outer = statements, inner, outer

    def after(self, place: int) -> IsUsed:
        """Return what answers for the lines after the one with this place, from 0."""
        return lambda name: self._is_used(name, place)

    def _is_used(self, name: str, place: int) -> bool:
        places, refers = self._places.get(name, ([], []))
        at = bisect_right(places, place)
        return refers[at] if at < len(refers) else self.outer(name)

    @cached_property
    def _places(self) -> dict[str, tuple[list[int], list[bool]]]:
        """For each name the lines that refer to it or take it, in order."""
        found: dict[str, tuple[list[int], list[bool]]] = {}
        for place, statement in enumerate(self.statements):
            for name, refers in uses_of(statement, self.inner):
                places, kinds = found.setdefault(name, ([], []))
                places.append(place)
                kinds.append(refers)
        return found


def uses_of(statement: Statement, inner: InnerUses) -> Iterator[NameUse]:
    """Yield the names that a line refers to or takes, in order."""
    brought = inner(statement)
    if brought is not None:
        yield from brought
        return
    for stage in read(statement.source)[0].stages:
        yield from ((name, True) for name in uses(stage))
        if stage.name is not None:
            yield stage.name, False
