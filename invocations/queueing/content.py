"""What an item of the queue runs: its nodes, the line they belong to, and the model that they use first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from invocations.catalog.roles import kind_of
from invocations.errors import BadValue, MissingNode
from invocations.graph.graph import Graph
from invocations.sessions.session import Session
from invocations.values import ModelRef

from .base import ALL, KINDS, LINE, NEXT, NODES, RETRY, QueueItem

PRIORITIES = range(-100, 101)


def filled(item: QueueItem, session: Session) -> QueueItem:
    """Return an item with its size and model, and with its nodes if it runs what has failed.

    Raises: BadValue, MissingNode.
    """
    check(item, session)
    nodes = nodes_of(item, session)
    if item.what == RETRY:
        item = replace(item, nodes=tuple(nodes))
    size = min(len(nodes), 1) if item.what == NEXT else len(nodes)
    return replace(item, size=size, model=item.model or model_of(session.graph, nodes))


def check(item: QueueItem, session: Session) -> None:
    """Refuse an item whose request makes no sense. Raises: BadValue, MissingNode."""
    if item.what not in KINDS:
        raise BadValue("what", f"`{item.what}` is not one of {', '.join(KINDS)}")
    if item.priority not in PRIORITIES:
        raise BadValue("priority", f"the priority {item.priority} is not between -100 and 100")
    if item.what == NODES and not item.nodes:
        raise BadValue("nodes", "no nodes are named", "name at least one node")
    if item.what == LINE and not item.lines:
        raise BadValue("lines", "no lines are named", "name at least one line")
    for id_ in (*item.nodes, *item.recompute):
        if id_ not in session.graph:
            raise MissingNode(f"there is no node `{id_}`", node=id_)
    for number in item.lines:
        if not 1 <= number <= len(session.lines):
            raise BadValue("lines", f"session `{session.id}` has no line {number}")


def nodes_of(item: QueueItem, session: Session) -> list[str]:
    """Return the nodes that an item is to run, apart from those that they depend on, parents first."""
    with session.lock:
        graph, is_closed = session.graph, session.expansion.is_closed
        found: Collection[str] = ()
        if item.what == LINE:
            found = asked_nodes(item, session)
        elif item.what == NODES:
            found = [id_ for id_ in session.expansion.runs.needed(item.nodes) if not is_closed(id_)]
        elif item.what == RETRY:
            failed = item.nodes or session.expansion.stuck
            found = {*failed, *(id_ for id_ in graph.descendants(failed) if not is_closed(id_))}
        elif item.what in (ALL, NEXT):
            found = [id_ for id_ in graph.nodes if not is_closed(id_)]
        return sorted(found, key=graph.rank)


def asked_nodes(item: QueueItem, session: Session) -> Collection[str]:
    """Return all nodes that an item is about, whether they have run or not."""
    with session.lock:
        if item.what == LINE:
            return [id_ for id_ in session.graph.nodes if not session.lines_of((id_,)).isdisjoint(item.lines)]
        return item.nodes or [*session.graph.nodes]


def model_of(graph: Graph, nodes: Iterable[str]) -> str:
    """Return the name or path of the model that the first of these nodes loads or is given, or ""."""
    for id_ in nodes:
        spec, inputs = graph.node_type(id_).spec, graph.nodes[id_].inputs
        if "loads" in spec.roles and kind_of(spec) == ModelRef.kind:
            found = next((value for value in inputs.values() if isinstance(value, str)), "")
        else:
            given = inputs.get(spec.model_bound) if spec.model_bound else None
            found = given.name if isinstance(given, ModelRef) else ""
        if found:
            return found
    return ""
