"""Compare graphs by content hash, ignoring node ids, and compare the inputs of a plan with recorded inputs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from invocations.graph.graph import Edge, Node
from invocations.graph.order import CycleFound, topological
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import to_json
from workflows.planning.plan import Additions
from workflows.planning.plan_line import Plan

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionStage

Hashes = dict[str, str]
Nodes = Mapping[str, Node]
Difference = tuple[int, str, str]  # index of the stage, id of the node in the session, name of the input


@frozen
class RecordedLine:
    """A line as recorded in its session.

    ids: maps the nodes of earlier lines to the ids that they have in the script's session
    nodes, stages: the nodes and stages that the line added to its session
    piped: whether its result went into a shell pipe, in which case no `save` was added
    """

    session: Session
    ids: Mapping[str, str]
    text: str
    nodes: tuple[Node, ...]
    stages: tuple[SessionStage, ...]
    piped: bool = False


def content_hashes(nodes: Iterable[Node], edges: Iterable[Edge], catalog: Mapping[str, InvocationSpec]) -> Hashes:
    """Return a hash for each node id, computed from the node's type, its inputs and the hashes of linked nodes.

    An input that is not set is hashed as its default. Nodes with equal hashes have equal results.
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
    hashes: Hashes = {}
    for id_ in order:
        node, linked = by_id[id_], incoming.get(id_, [])
        links = sorted([edge.input, edge.output, hashes[edge.source]] for edge in linked)
        inputs = effective_inputs(node, catalog.get(node.type), {edge.input for edge in linked})
        text = json.dumps([node.type, inputs, links], sort_keys=True, default=repr)
        hashes[id_] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return hashes


def equivalent(wanted: Hashes, found: Hashes) -> bool:
    """Return True if two graphs have the same nodes, whatever their ids."""
    return Counter(wanted.values()) == Counter(found.values())


def differences(wanted: Hashes, made: Hashes, nodes: Nodes, others: Nodes) -> tuple[str, ...]:
    """Return a sentence for each node that is in only one of the two graphs."""
    missing, surplus = Counter(wanted.values()), Counter(made.values())
    missing, surplus = missing - surplus, surplus - missing
    texts = [f"the line does not create `{nodes[id_].type}` ({id_})" for id_, key in wanted.items() if key in missing]
    texts += [f"the line creates an additional `{others[id_].type}`" for id_, key in made.items() if key in surplus]
    return tuple(texts)


def effective_inputs(node: Node, spec: InvocationSpec | None, linked: set[str]) -> dict[str, Any]:
    """Return the values of a node's unlinked inputs, including defaults."""
    inputs = {name: to_json(value) for name, value in node.inputs.items()}
    for field in spec.inputs if spec else ():
        if field.name not in linked and field.name not in inputs:
            inputs[field.name] = to_json(field.usual)
        if field.name in inputs:
            inputs[field.name] = _as_typed(inputs[field.name], field)
    return inputs


def input_differences(
    plan: Plan, added: Additions, line: RecordedLine, catalog: Mapping[str, InvocationSpec]
) -> list[Difference] | None:
    """Return the inputs whose values in a plan differ from those in the recorded line; None if the graphs differ."""
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
    found: list[Difference] = []
    for new, old in zip(made, line.nodes, strict=True):
        different = _different(new, old, linked.get(old.id, set()), catalog)
        if different and new.id not in places:
            return None
        found += [(places[new.id], old.id, name) for name in different]
    return found


def _different(new: Node, old: Node, linked: set[str], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    spec = catalog.get(old.type)
    wanted, found = effective_inputs(old, spec, linked), effective_inputs(new, spec, linked)
    earlier = {field.name for field in spec.inputs if field.earlier_default is not None} if spec else set()
    # An input that was set in the session is set again, even to its default, but not to the default of earlier
    # versions, which stored it with each node.
    written = {name for name in old.inputs.keys() - new.inputs.keys() if name not in earlier}
    return [n for n in dict.fromkeys((*wanted, *found)) if n in written or wanted.get(n) != found.get(n)]


def _as_typed(value: Any, field: FieldSpec) -> Any:
    """Convert an integer to a float if the input takes only floats."""
    if isinstance(value, int) and not isinstance(value, bool) and _bases(field.type) <= {"float", "none"}:
        return float(value)
    return list(value) if isinstance(value, tuple) else value


def _bases(type_: FieldType) -> set[str]:
    return {base for arg in type_.args for base in _bases(arg)} if type_.base == "union" else {type_.base}
