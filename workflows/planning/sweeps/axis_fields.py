"""The fields of file names that the axes around a stage fill: `{axis.steps}`, `{row}` and `{col}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from invocations.graph.axes import JOINED

from .axes import AXIS, ZippedValues

if TYPE_CHECKING:
    from invocations.graph.linking import Loop, Offer


def fields_around(offers: Iterable[Offer], loops: Sequence[Loop]) -> tuple[str, ...]:
    """Return the fields that the axes around a stage fill.

    offers: the outputs that are linked to the stage. loops: the loops around them
    """
    sheets = [loop for offer in offers for loop in offer.axes if not loop.iterate]
    names = [name for loop in (*sheets, *loops) if loop.axis for name in (*names_of(loop), *loop.unused)]
    return (*dict.fromkeys(AXIS + name for name in names), "row", "col") if names else ()


def names_of(loop: Loop) -> Iterator[str]:
    """Yield the name of an axis, or the names of the axes that advance together on it."""
    first = loop.values[0] if loop.values else None
    if isinstance(first, ZippedValues):
        yield from first.names
    elif isinstance(first, str):  # the name is a word that varies, which may contain `+`
        yield loop.axis
    else:
        yield from loop.axis.split(JOINED)
