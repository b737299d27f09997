"""The loops around the nodes of a line: which nodes run once for each item of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.graph.graph import Edge, Node
    from invocations.spec import InvocationSpec

Axes = tuple[str, ...]  # the ids of the `iterate` nodes around a node, the outermost first


def axes_of(
    nodes: Iterable[Node],
    edges: Iterable[Edge],
    catalog: Mapping[str, InvocationSpec],
    earlier: Callable[[str, str], Axes] = lambda node, output: (),
) -> dict[str, Axes]:
    """Return the loops around each node of a line.

    nodes: the nodes of the line, in an order in which the sources of a node come before it
    earlier: returns the loops around an output of an earlier line, given its node and its name
    """
    incoming: dict[str, list[Edge]] = {}
    for edge in edges:
        incoming.setdefault(edge.target, []).append(edge)
    found: dict[str, Axes] = {}
    for node in nodes:
        spec = catalog[node.type]
        primary = spec.primary_input.name if spec.primary_input else ""
        around: Axes = ()
        for edge in incoming.get(node.id, ()):
            axes = found[edge.source] if edge.source in found else earlier(edge.source, edge.output)
            gathered = spec.role == "collect" and edge.input == primary
            around = tuple(dict.fromkeys((*around, *(axes[:-1] if gathered else axes))))
        found[node.id] = (*around, node.id) if spec.role == "iterate" else around
    return found
