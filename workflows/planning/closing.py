"""Refuse a `collect` stage that names axes which its items do not have or which cannot be closed alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from invocations.errors import GraphError
from invocations.graph.axes import BY, refuse_by
from invocations.language.did_you_mean import did_you_mean, one_of
from invocations.language.errors import LanguageError
from invocations.language.source import Span

from .loops import LineLoops

if TYPE_CHECKING:
    from .build import GraphBuilder


def refused_axes(loops: LineLoops, builder: GraphBuilder, commands: Mapping[str, Span]) -> Iterator[LanguageError]:
    """Yield an error for each `collect` node that cannot close the axes that it names.

    commands: the place of each node's command
    """
    for value in builder.values:
        if value.input != BY or value.node not in loops.items or not value.value:
            continue
        items, span = loops.items[value.node], value.span or commands[value.node]
        try:
            refuse_by(value.value, items, loops.name, lambda axis: loops.axis(axis)[1])
        except GraphError as error:
            names = [name for name in map(loops.name, items) if name]
            wrong = next((name for name in value.value if name not in names), "")
            meant = [axis.name for axis in builder.axes if axis.command == wrong and axis.name in names]
            near = f"did you mean {one_of(meant)}?" if meant else did_you_mean(wrong, names)
            hint = error.hint or (near if wrong else None)
            yield LanguageError(error.code, error.message, span, hint)
