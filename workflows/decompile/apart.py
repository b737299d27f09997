"""A line taken apart: a stage for each of its nodes, as if each had been typed on its own."""

from __future__ import annotations

from invocations.graph.graph import Node
from invocations.sessions.session import SessionStage

from .lacking import Line
from .segments import LEFT, Catalog


def apart_of(line: Line, catalog: Catalog) -> tuple[SessionStage, ...]:
    """Return a stage for each node; a name stays with the node that gives what the named stage gave.

    Their numbers are below zero: no reference means them.
    """
    names = {stage.primary[0]: stage.name for stage in line.stages if stage.primary is not None}
    nodes = [node for node in line.nodes if not (LEFT.fullmatch(node.id) and not node.inputs)]
    return tuple(_stage(node, place, names.get(node.id), catalog) for place, node in enumerate(nodes, 1))


def _stage(node: Node, place: int, name: str | None, catalog: Catalog) -> SessionStage:
    spec = catalog[node.type]
    primary = (node.id, spec.primary_output.name) if spec.primary_output is not None else None
    outputs = {output.name: (node.id, output.name) for output in spec.outputs}
    return SessionStage(-place, node.type, name, 0, (node.id,), outputs, primary)
