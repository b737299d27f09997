"""Divide a graph into segments, each of which a single stage can express: one node, or the nodes of a recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from invocations.catalog.roles import first_argument, loader_of
from invocations.frozen import frozen
from invocations.graph.graph import Edge, Graph, Node
from invocations.graph.linking import members
from invocations.graph.order import CycleFound, topological
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import ExternalValue

from .flatten import Catalog, Flattened, Key, flatten

End = tuple[str, str]  # a node and one of its outputs
ADDED = re.compile(r"\d+\.(save|each)(\.\d+)?")  # ids of nodes that `workflows.planning.autosave` appends


@frozen
class Segment:
    """The part of a graph that one stage has to express.

    values: the values of inputs, by name
    links: what is linked to inputs, by name
    outputs: maps the outputs of the nodes to the outputs of the stage
    """

    spec: InvocationSpec
    nodes: tuple[str, ...]
    values: Mapping[str, Any]
    links: Mapping[str, End]
    outputs: Mapping[End, str]


def groups(graph: Graph, *, skip_added: bool) -> list[list[str]]:
    """Return the nodes of each stage, in an order in which they can run; `skip_added` leaves out added `save` nodes."""
    nodes = [node.id for node in graph.nodes.values() if not (skip_added and is_added(node))]
    found: dict[str, list[str]] = {}
    for id_ in sorted(nodes, key=_natural):
        found.setdefault(id_.partition(".")[0], []).append(id_)
    owner = {id_: name for name, ids in found.items() for id_ in ids}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        source, target = owner.get(edge.source), owner.get(edge.target)
        if source is not None and target is not None and source != target:
            sources.setdefault(target, []).append(source)
    try:
        return [found[name] for name in topological(list(found), sources)]
    except CycleFound:
        inside = set(nodes)
        return [[id_] for id_ in graph.order() if id_ in inside]


def alternatives(graph: Graph, ids: Sequence[str], catalog: Catalog) -> Iterator[list[Segment]]:
    """Yield the possible ways to write the nodes of a stage, the shortest first."""
    loaders = [id_ for id_ in ids if "." in id_ and _is_loader(graph, id_, ids, catalog)]
    added = [id_ for id_ in ids if is_added(graph.nodes[id_])]
    rest = [id_ for id_ in ids if id_ not in loaders and id_ not in added]
    saves = [_plain(graph, id_, (), catalog) for id_ in graph.order() if id_ in added] if added else []
    if len(rest) == 1:
        yield [_plain(graph, rest[0], loaders, catalog), *saves]
    else:
        for spec in catalog.values():
            if spec.is_recipe and (segment := _recipe(graph, spec, rest, loaders, catalog)):
                yield [segment, *saves]
    if len(ids) > 1:
        inside = set(ids)
        yield [_plain(graph, id_, (), catalog) for id_ in graph.order() if id_ in inside]


def is_added(node: Node) -> bool:
    """Return True if a node was appended to a line to save an image."""
    return ADDED.fullmatch(node.id) is not None and not node.inputs


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part[:18]), "") if part.isascii() and part.isdigit() else (-1, part) for part in text.split(".")]


def _is_loader(graph: Graph, id_: str, ids: Sequence[str], catalog: Catalog) -> bool:
    """Return True if a node loads a file or model that a string names, and only one stage uses the node."""
    node = graph.nodes[id_]
    if "loads" not in catalog[node.type].roles or graph.incoming(id_):
        return False
    source = first_argument(catalog[node.type])
    return set(node.inputs) <= _at_default(node, catalog) | {source} and all(
        edge.target in ids for edge in graph.outgoing(id_)
    )


def _at_default(node: Node, catalog: Catalog) -> set[str]:
    return {each.name for each in catalog[node.type].inputs if node.inputs.get(each.name) == each.default}


def _plain(graph: Graph, id_: str, loaders: Sequence[str], catalog: Catalog) -> Segment:
    spec = catalog[graph.nodes[id_].type]
    values: dict[str, Any] = dict(graph.nodes[id_].inputs)
    links: dict[str, End] = {}
    for edge in graph.incoming(id_):
        _take(graph, edge, spec.input(edge.input), loaders, values, links, edge.input, catalog)
    outputs = {(id_, output.name): output.name for output in spec.outputs}
    return Segment(spec, (*loaders, id_), values, links, outputs)


def _take(
    graph: Graph,
    edge: Edge,
    target: FieldSpec | None,
    loaders: Sequence[str],
    values: dict[str, Any],
    links: dict[str, End],
    name: str,
    catalog: Catalog,
) -> None:
    """Record what an edge supplies to an input: a value if it comes from a loader, otherwise a link."""
    external = None
    if edge.source in loaders and target is not None:
        external = _external(graph.nodes[edge.source], target, catalog)
    if external is None:
        links[name] = (edge.source, edge.output)
    else:
        values[name] = external


def _external(loader: Node, target: FieldSpec, catalog: Catalog) -> ExternalValue | None:
    """Return the string for which planning adds this loader to an input, or None if planning adds another loader."""
    texts = [value for value in loader.inputs.values() if isinstance(value, str)]
    kinds = [kind for each in members(target.type) for kind in (each.kind, *(arg.kind for arg in each.args)) if kind]
    for kind in kinds:
        if (spec := loader_of(catalog, kind)) and spec.type == loader.type:
            return ExternalValue(kind, texts[0] if texts else "default")
    return None


def _recipe(
    graph: Graph, spec: InvocationSpec, ids: Sequence[str], loaders: Sequence[str], catalog: Catalog
) -> Segment | None:
    """Return a segment that expresses these nodes as one recipe, or None if their types do not match the recipe."""
    flat = flatten(spec, catalog)
    places = _matched(graph, flat, ids) if flat else None
    if flat is not None and places is None and len(flat.types) < len(ids):
        flat = flatten(spec, catalog, whole=True)
        places = _matched(graph, flat, ids) if flat else None
    if flat is None or places is None:
        return None
    values: dict[str, Any] = {}
    links: dict[str, End] = {}
    for exposed in spec.inputs:
        for key, name in flat.inputs.get(exposed.name, ()):
            if exposed.name in values or exposed.name in links:
                break
            node = graph.nodes[places[key]]
            edge = next((each for each in graph.incoming(node.id) if each.input == name), None)
            if edge is not None and edge.source not in ids:
                _take(graph, edge, exposed, loaders, values, links, exposed.name, catalog)
            elif edge is None and name in node.inputs:
                values[exposed.name] = node.inputs[name]
    last = places[list(flat.types)[-1]]
    outputs = {(last, output.name): output.name for output in spec.outputs}
    return Segment(spec, (*loaders, *ids), values, links, outputs)


def _matched(graph: Graph, flat: Flattened, ids: Sequence[str]) -> dict[Key, str] | None:
    """Match nodes with the stages of a recipe by type; nodes of the same type are matched in the order of their ids."""
    if len(flat.types) != len(ids):
        return None
    waiting: dict[str, list[str]] = {}
    for id_ in sorted(ids, key=_natural, reverse=True):
        waiting.setdefault(graph.nodes[id_].type, []).append(id_)
    places: dict[Key, str] = {}
    for key, type_ in flat.types.items():
        if not waiting.get(type_):
            return None
        places[key] = waiting[type_].pop()
    return places
