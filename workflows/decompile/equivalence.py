"""Whether two graphs are the same whatever their ids: each node named by what it does and by what feeds it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from invocations.graph.graph import Edge, Node
from invocations.graph.order import CycleFound, topological
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import to_json

Names = dict[str, str]


def names_of(nodes: Iterable[Node], edges: Iterable[Edge], catalog: Mapping[str, InvocationSpec]) -> Names:
    """Return for each node id a name made of its type, its inputs and the names of what is linked to it.

    An input that is left open counts as its default: nodes of equal names give equal results.
    """
    by_id = {node.id: node for node in nodes}
    incoming: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.source in by_id and edge.target in by_id:
            incoming.setdefault(edge.target, []).append(edge)
    try:
        order = topological(list(by_id), {id_: [edge.source for edge in found] for id_, found in incoming.items()})
    except CycleFound:
        return {}
    names: Names = {}
    for id_ in order:
        node, linked = by_id[id_], incoming.get(id_, [])
        links = sorted([edge.input, edge.output, names[edge.source]] for edge in linked)
        inputs = whole_inputs(node, catalog.get(node.type), {edge.input for edge in linked})
        text = json.dumps([node.type, inputs, links], sort_keys=True, default=repr)
        names[id_] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return names


def differences(wanted: Names, found: Names, nodes: Mapping[str, Node], others: Mapping[str, Node]) -> tuple[str, ...]:
    """Return what is in one graph and not in the other, by the types of the first nodes that differ."""
    missing, surplus = Counter(wanted.values()), Counter(found.values())
    missing, surplus = missing - surplus, surplus - missing
    told = [f"`{nodes[id_].type}` ({id_}) is not made by the line" for id_, name in wanted.items() if name in missing]
    told += [f"the line makes another `{others[id_].type}`" for id_, name in found.items() if name in surplus]
    return tuple(told)


def same(wanted: Names, found: Names) -> bool:
    """Tell whether two graphs have the same nodes."""
    return Counter(wanted.values()) == Counter(found.values())


def whole_inputs(node: Node, spec: InvocationSpec | None, linked: set[str]) -> dict[str, Any]:
    """Return what a node works with besides its links: what is left open is its default."""
    inputs = {name: to_json(value) for name, value in node.inputs.items()}
    for field in spec.inputs if spec else ():
        if field.name not in linked and field.name not in inputs:
            inputs[field.name] = to_json(field.default)
        if field.name in inputs:
            inputs[field.name] = _as_typed(inputs[field.name], field)
    return inputs


def _as_typed(value: Any, field: FieldSpec) -> Any:
    """Return a whole number as a float where the input takes nothing but floats."""
    if isinstance(value, int) and not isinstance(value, bool) and _bases(field.type) <= {"float", "none"}:
        return float(value)
    return list(value) if isinstance(value, tuple) else value


def _bases(type_: FieldType) -> set[str]:
    return {base for arg in type_.args for base in _bases(arg)} if type_.base == "union" else {type_.base}
