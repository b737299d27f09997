"""The graph of one image of a sweep: the values on its axes are constants, as if they had been written for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.graph.axes import name_of
from invocations.sessions.session import Key, Session
from invocations.spec import FieldType
from invocations.values import Ref

from .axis_facts import result_in

FOLLOWS = frozenset({"picks", "replaces"})  # roles of nodes that planning puts after an axis


def graph_of_item(session: Session, key: Key) -> dict[str, Any]:
    """Return the nodes that led to a result as JSON, with constants in place of the axes of a sweep around it."""
    graph = session.graph
    index = dict(zip(session.expansion.loops.axes(key[0]), key[1], strict=True))
    ids = graph.ancestors((key[0],))
    data = graph.to_json(ids)
    if not any(name_of(graph.nodes[axis]) for axis in index):
        return data
    constants = {id_: value for id_ in ids if (value := _constant(session, id_, index)) is not None}
    for edge in [edge for edge in data["edges"] if edge["source"] in constants]:
        field = graph.node_type(edge["target"]).inputs[edge["input"]]
        data["nodes"][edge["target"]]["inputs"][edge["input"]] = _fitting(constants[edge["source"]], field.type)
        data["edges"].remove(edge)
    return _needed(data, key[0])


def _fitting(value: Any, type_: FieldType) -> Any:
    """Return a value as it is written for an input: an integer for an input that takes numbers with a fraction."""
    bases = {type_.base, *(member.base for member in type_.args)}
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and "float" in bases and "int" not in bases else value


def _constant(session: Session, node_id: str, index: Mapping[str, int]) -> Any:
    """Return the value that a node has for one item of a sweep, or None if it is not a plain value."""
    graph = session.graph
    spec = graph.node_type(node_id).spec
    own = session.expansion.loops.axes(node_id)
    is_axis = node_id in index and bool(name_of(graph.nodes[node_id]))
    if not is_axis and (not own or FOLLOWS.isdisjoint(spec.roles) or not set(own) <= set(index)):
        return None
    value = result_in(session, node_id, index)
    return None if isinstance(value, (Ref, list, tuple, dict)) else value


def _needed(data: dict[str, Any], end: str) -> dict[str, Any]:
    """Return a graph without the nodes that its last node does not depend on."""
    sources: dict[str, list[str]] = {}
    for edge in data["edges"]:
        sources.setdefault(edge["target"], []).append(edge["source"])
    needed = {end: None}
    for id_ in (waiting := [end]):
        for source in sources.get(id_, ()):
            if source not in needed:
                needed[source] = None
                waiting.append(source)
    return {
        "nodes": {id_: node for id_, node in data["nodes"].items() if id_ in needed},
        "edges": [edge for edge in data["edges"] if edge["target"] in needed],
    }
