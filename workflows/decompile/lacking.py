"""What a plan lacks to make the nodes of a session's line: inputs that are otherwise, or another graph altogether."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invocations.graph.graph import Node
from workflows.planning.autosave import Leaving
from workflows.planning.plan_line import Plan

from .equivalence import whole_inputs
from .segments import Catalog

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionStage

Lacking = tuple[int, str, str]  # which stage, which node of the session, which input


@dataclass(frozen=True, slots=True)
class Line:
    """One line as its session has it; `ids`: what nodes of earlier lines are called where the line is planned.

    piped: its result went into a pipe, so that no `save` was added behind it.
    """

    session: Session
    ids: Mapping[str, str]
    text: str
    nodes: tuple[Node, ...]
    stages: tuple[SessionStage, ...]
    piped: bool = False


def lacking(plan: Plan, added: Leaving, line: Line, catalog: Catalog) -> list[Lacking] | None:
    """Return the inputs that a plan with what is added does not give as the line has them; None for another graph."""
    made = (*plan.nodes, *added.nodes)
    if [node.type for node in made] != [node.type for node in line.nodes] or len(plan.stages) != len(line.stages):
        return None
    graph = line.session.graph
    ids = {**line.ids, **{old.id: new.id for old, new in zip(line.nodes, made, strict=True)}}
    incoming = [edge for node in line.nodes for edge in graph.incoming(node.id)]
    wanted = {(ids.get(edge.source, ""), edge.output, ids[edge.target], edge.input) for edge in incoming}
    if wanted != {(edge.source, edge.output, edge.target, edge.input) for edge in (*plan.edges, *added.edges)}:
        return None
    linked: dict[str, set[str]] = {}
    for edge in incoming:
        linked.setdefault(edge.target, set()).add(edge.input)
    places = {id_: place for place, stage in enumerate(plan.stages) for id_ in stage.nodes}
    found: list[Lacking] = []
    for new, old in zip(made, line.nodes, strict=True):
        different = _different(new, old, linked.get(old.id, set()), catalog)
        if different and new.id not in places:
            return None
        found += [(places[new.id], old.id, name) for name in different]
    return found


def _different(new: Node, old: Node, linked: set[str], catalog: Catalog) -> list[str]:
    spec = catalog.get(old.type)
    wanted, found = whole_inputs(old, spec, linked), whole_inputs(new, spec, linked)
    said = old.inputs.keys() - new.inputs.keys()  # a default that was written or set stays written
    return [name for name in dict.fromkeys((*wanted, *found)) if name in said or wanted.get(name) != found.get(name)]
