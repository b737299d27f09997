"""The axes on which the fields of a file name depend: `{seed}` is the seed of the nearest stage that has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from invocations.frozen import frozen
from invocations.graph.linking import Loop
from invocations.running.facts import NAMES
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.draft import AXES
from workflows.planning.loops import LineLoops

from .sheets import outer_axes

if TYPE_CHECKING:
    from invocations.graph.graph import Edge, Node

TEXTS: Final = frozenset({"prompt", "negative"})  # fields with the strings of a conditioning
OPEN: Final = frozenset({"width", "height", "strength", "seed"})  # without a value, these may have no effect


@frozen
class Origin:
    """Where the value of a field comes from.

    axes: the `iterate` nodes on which the value depends
    sheets: the outer axes of the sheets between the value and the file; None if there are no sheets
    """

    axes: tuple[str, ...]
    sheets: tuple[Loop, ...] | None


class FieldOrigins:
    """Finds where the fields of the file names in a line come from."""

    def __init__(
        self, nodes: Iterable[Node], edges: Iterable[Edge], catalog: Mapping[str, InvocationSpec], loops: LineLoops
    ) -> None:
        self.nodes, self.catalog, self.loops = {node.id: node for node in nodes}, catalog, loops
        self.incoming: dict[str, list[Edge]] = {}
        for edge in edges:
            self.incoming.setdefault(edge.target, []).append(edge)

    def origin(self, start: str, field: str) -> Origin | None:
        """Return where the value of a field comes from for the image that a node saves, or None if it is not known."""
        sheets: tuple[Loop, ...] | None = None
        for node in self._back_from(start) if field in NAMES else ():
            if node.id not in self.nodes:  # the value may come from an earlier line
                return None
            if AXES in node.inputs:
                sheets = outer_axes(node.inputs)
            given = _input_for(field, self.catalog[node.type])
            if given is None:
                continue
            edge = next((edge for edge in self.incoming.get(node.id, ()) if edge.input == given.name), None)
            if edge is not None:
                return Origin(self.loops.axes[edge.source], sheets) if edge.source in self.nodes else None
            if given.name in node.inputs or given.seed or field not in OPEN:
                return Origin((), sheets)
        return None

    def sheets(self, iterate: str) -> tuple[Loop, ...]:
        """Return the outer axes of the sheets that a loop iterates over; () if it iterates over anything else."""
        sources = [self.nodes[edge.source] for edge in self.incoming.get(iterate, ()) if edge.source in self.nodes]
        return next((outer_axes(node.inputs) for node in sources if AXES in node.inputs), ())

    def _back_from(self, start: str) -> Iterator[Node]:
        """Yield a node and the nodes that it depends on, the nearest first, up to the first node of an earlier line."""
        waiting = [start]
        for id_ in waiting:
            if id_ not in self.nodes:
                return
            yield self.nodes[id_]
            sources = [edge.source for edge in self.incoming.get(id_, ())]
            waiting += [source for source in dict.fromkeys(sources) if source not in waiting]


def _input_for(field: str, spec: InvocationSpec) -> FieldSpec | None:
    """Return the input of a node that provides the value of a field, or None."""
    if field not in TEXTS:
        return spec.input(field)
    if not any(output.type.kind == "conditioning" for output in spec.outputs):
        return None
    free = (each for each in spec.inputs if each.free_text)
    return spec.input(field) if field != "prompt" else next(free, None)
