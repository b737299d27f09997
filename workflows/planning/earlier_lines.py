"""What is known about the results of the earlier lines that a line refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .loops import Axes

if TYPE_CHECKING:
    from .build import GraphBuilder
    from .scope import KnownResults, Scope


class EarlierLines:
    """The results of earlier lines; `builder` has the links to them, `scope` the stages."""

    def __init__(self, builder: GraphBuilder, scope: Scope) -> None:
        self._builder, self._scope = builder, scope

    def results(self, node: str, output: str) -> KnownResults | None:
        """Return what is known about the results of the earlier line that contains a node."""
        offer = self._builder.linked.get((node, output))
        placed = self._scope.by_number.get(offer.stage) if offer is not None else None
        return placed.known() if placed is not None else None

    def axes(self, node: str, output: str) -> Axes:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""
        known = self.results(node, output)
        return known.axes(node, output) if known is not None else ()

    def axis(self, iterate: str) -> tuple[str, Axes]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""
        return next((known.axis(iterate) for known in self._around(iterate)), ("", (iterate,)))

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has in each run, or None if that is unknown or varies."""
        return next((known.items(iterate) for known in self._around(iterate)), None)

    def _around(self, iterate: str) -> Iterator[KnownResults]:
        for end in self._builder.linked:
            known = self.results(*end)
            if known is not None and iterate in known.axes(*end):
                yield known
