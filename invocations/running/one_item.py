"""The graph of one image from a sweep: the values on its axes are constants, as if written for this image alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from invocations.catalog.roles import first_argument, with_role
from invocations.graph.axes import name_of
from invocations.sessions.session import Key, Session
from invocations.spec import FieldType, InvocationSpec
from invocations.values import ImageRef, Ref

from .axis_facts import result_in

PLACES = frozenset({"row", "col"})
FOLLOWS = frozenset({"picks", "replaces", "formats"})  # roles of nodes that planning puts after an axis


def graph_of_item(session: Session, key: Key, facts: Mapping[str, Any], catalog: object = None) -> dict[str, Any]:
    """Return the nodes that led to a result as JSON, with constants in place of the axes of a sweep around it.

    facts: what is known about the result, including the values on its axes
    catalog: all invocations; without it, an axis of computed images remains an axis
    """
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
    for axis in index.keys() - constants.keys():
        _replace_axis(session, axis, index, data, catalog)
    _fill_name(graph.node_type(key[0]).spec, data["nodes"][key[0]]["inputs"], facts)
    return _needed(data, key[0])


def _replace_axis(session: Session, axis: str, index: Mapping[str, int], data: dict[str, Any], catalog: object) -> None:
    """Replace an axis of images by the file that this item was loaded from, or by a node that picks the item."""
    graph, value = session.graph, result_in(session, axis, index)
    if not name_of(graph.nodes[axis]) or not isinstance(value, Ref):
        return
    file = _file_of(session, axis, value)
    if file is not None:
        loader, path = file
        data["edges"][:] = [edge for edge in data["edges"] if edge["target"] != axis]
        data["nodes"][axis] |= {"type": loader.type, "inputs": {first_argument(loader): path}}
        output = loader.primary_output
    else:
        picker = with_role(catalog, "picks") if isinstance(catalog, Mapping) else None
        if picker is None:
            return
        number = next(field.name for field in picker.inputs if not field.primary)
        data["nodes"][axis] |= {"type": picker.type, "inputs": {number: index[axis]}}
        output = picker.primary_output
    assert output is not None
    for edge in data["edges"]:
        if edge["source"] == axis:
            edge["output"] = output.name


def _file_of(session: Session, axis: str, value: Ref) -> tuple[InvocationSpec, str] | None:
    """Return the type of the node that loaded an item of an axis, and the file, in the folder that the node names."""
    if not isinstance(value, ImageRef) or not value.path:
        return None
    name = PurePath(value.path).name
    for id_ in session.graph.ancestors((axis,)):
        node, spec = session.graph.nodes[id_], session.graph.node_type(id_).spec
        source = str(node.inputs.get(first_argument(spec), "")) if "loads" in spec.roles else ""
        if (
            source
            and "**" not in source
            and (PurePath(source).name == name or PurePath(name).match(PurePath(source).name))
        ):
            return spec, str(PurePath(source).parent / name)
    return None


def _fill_name(spec: InvocationSpec, inputs: dict[str, Any], facts: Mapping[str, Any]) -> None:
    """Fill in the fields of a file name that stand for values on the axes, because one image alone has no axes."""
    if "saves" in spec.roles and isinstance(name := inputs.get(first_argument(spec)), str) and "{" in name:
        from invocations.services.images.names import fill_some

        inputs[first_argument(spec)] = fill_some(
            name, {field: facts[field] for field in facts if field.startswith("axis.") or field in PLACES}
        )


def _fitting(value: Any, type_: FieldType) -> Any:
    """Convert a value to the type of an input: an integer becomes a float if the input takes floats only."""
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
