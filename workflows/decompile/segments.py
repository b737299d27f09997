"""A graph cut into what stages could have made it: a command alone, a recipe's nodes together, with their loaders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invocations.graph.graph import Edge, Graph, Node
from invocations.graph.linking import members
from invocations.graph.order import CycleFound, topological
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.recipes import body, keys
from workflows.values.codecs import LOADED_BY, Outside

Catalog = Mapping[str, InvocationSpec]
End = tuple[str, str]  # a node and an output of it
Key = tuple[str, ...]  # a recipe's stage, within recipes within it
LEFT = re.compile(r"\d+\.(save|each)(\.\d+)?")  # nodes that nobody wrote: `workflows.planning.autosave` adds them
DEEPEST = 8  # recipes in recipes


@dataclass(frozen=True, slots=True)
class Piece:
    """What one stage is to say: values and links by input, and by what name it gives which output of which node."""

    spec: InvocationSpec
    nodes: tuple[str, ...]
    values: Mapping[str, Any]
    links: Mapping[str, End]
    outputs: Mapping[End, str]


@dataclass(slots=True)
class Flat:
    """A recipe taken apart to its nodes: their types by key, and where its inputs go."""

    types: dict[Key, str] = field(default_factory=dict)
    inputs: dict[str, list[tuple[Key, str]]] = field(default_factory=dict)


def groups(graph: Graph, *, left_out: bool) -> list[list[str]]:
    """Return the nodes of each stage, stage after stage; `left_out` leaves out the saves that nobody wrote."""
    nodes = [node.id for node in graph.nodes.values() if not (left_out and _is_left(node))]
    found: dict[str, list[str]] = {}
    for id_ in sorted(nodes, key=_natural):
        found.setdefault(id_.partition(".")[0], []).append(id_)
    owner = {id_: name for name, ids in found.items() for id_ in ids}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        one, other = owner.get(edge.source), owner.get(edge.target)
        if one is not None and other is not None and one != other:
            sources.setdefault(other, []).append(one)
    try:
        return [found[name] for name in topological(list(found), sources)]
    except CycleFound:
        inside = set(nodes)
        return [[id_] for id_ in graph.order() if id_ in inside]


def alternatives(graph: Graph, ids: Sequence[str], catalog: Catalog) -> Iterator[list[Piece]]:
    """Yield the ways in which the nodes of a stage can be written, the shortest first."""
    loaders = [id_ for id_ in ids if "." in id_ and _is_loader(graph, id_, ids, catalog)]
    left = [id_ for id_ in ids if _is_left(graph.nodes[id_])]
    rest = [id_ for id_ in ids if id_ not in loaders and id_ not in left]
    saves = [_plain(graph, id_, (), catalog) for id_ in graph.order() if id_ in left] if left else []
    if len(rest) == 1:
        yield [_plain(graph, rest[0], loaders, catalog), *saves]
    else:
        for spec in catalog.values():
            if spec.is_recipe and (piece := _recipe(graph, spec, rest, loaders, catalog)):
                yield [piece, *saves]
    if len(ids) > 1:
        inside = set(ids)
        yield [_plain(graph, id_, (), catalog) for id_ in graph.order() if id_ in inside]


def _is_left(node: Node) -> bool:
    return LEFT.fullmatch(node.id) is not None and not node.inputs


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part[:18]), "") if part.isascii() and part.isdigit() else (-1, part) for part in text.split(".")]


def _is_loader(graph: Graph, id_: str, ids: Sequence[str], catalog: Catalog) -> bool:
    """Tell whether a node brings in what a text names, for its own stage only."""
    node = graph.nodes[id_]
    if node.type not in LOADED_BY.values() or graph.incoming(id_):
        return False
    source = _source(catalog[node.type])
    return set(node.inputs) <= _unsaid(node, catalog) | {source} and all(
        edge.target in ids for edge in graph.outgoing(id_)
    )


def _unsaid(node: Node, catalog: Catalog) -> set[str]:
    return {each.name for each in catalog[node.type].inputs if node.inputs.get(each.name) == each.default}


def _source(spec: InvocationSpec) -> str:
    return next(each.name for each in spec.inputs if each.position == 1)


def _plain(graph: Graph, id_: str, loaders: Sequence[str], catalog: Catalog) -> Piece:
    spec = catalog[graph.nodes[id_].type]
    values: dict[str, Any] = dict(graph.nodes[id_].inputs)
    links: dict[str, End] = {}
    for edge in graph.incoming(id_):
        _take(graph, edge, spec.input(edge.input), loaders, values, links, edge.input)
    outputs = {(id_, output.name): output.name for output in spec.outputs}
    return Piece(spec, (*loaders, id_), values, links, outputs)


def _take(
    graph: Graph,
    edge: Edge,
    target: FieldSpec | None,
    loaders: Sequence[str],
    values: dict[str, Any],
    links: dict[str, End],
    name: str,
) -> None:
    """Note what comes along an edge at an input: a value where a loader brings it, else a link."""
    outside = None
    if edge.source in loaders and target is not None:
        outside = _outside(graph.nodes[edge.source], target)
    if outside is None:
        links[name] = (edge.source, edge.output)
    else:
        values[name] = outside


def _outside(loader: Node, target: FieldSpec) -> Outside | None:
    """Return the text that an input would have been given for a loader to be put before it."""
    texts = [value for value in loader.inputs.values() if isinstance(value, str)]
    kinds = [kind for each in members(target.type) for kind in (each.kind, *(arg.kind for arg in each.args)) if kind]
    for kind in kinds:
        if LOADED_BY.get(kind) == loader.type:
            return Outside(kind, texts[0] if texts else "default")
    return None


def _recipe(
    graph: Graph, spec: InvocationSpec, ids: Sequence[str], loaders: Sequence[str], catalog: Catalog
) -> Piece | None:
    """Return the use of a recipe that may have made some nodes, None where their types are others."""
    flat = _flat(spec, catalog, 0)
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
                _take(graph, edge, exposed, loaders, values, links, exposed.name)
            elif edge is None and name in node.inputs:
                values[exposed.name] = node.inputs[name]
    last = places[list(flat.types)[-1]]
    outputs = {(last, output.name): output.name for output in spec.outputs}
    return Piece(spec, (*loaders, *ids), values, links, outputs)


def _flat(spec: InvocationSpec, catalog: Catalog, depth: int) -> Flat | None:
    stages = body(spec.pipeline).stages
    flat = Flat()
    inner: dict[str, Flat] = {}
    for key, stage in zip(keys(stages), stages, strict=True):
        made = catalog.get(stage.command.text)
        if made is None or depth > DEEPEST:
            return None
        if not made.is_recipe:
            flat.types[(key,)] = made.type
            continue
        deeper = _flat(made, catalog, depth + 1)
        if deeper is None:
            return None
        inner[key] = deeper
        flat.types.update({(key, *rest): type_ for rest, type_ in deeper.types.items()})
    for exposure in spec.exposures:
        places: list[tuple[Key, str]] = []
        for key, name in exposure.targets:
            if key in inner:
                places += [((key, *rest), end) for rest, end in inner[key].inputs.get(name, ())]
            else:
                places.append(((key,), name))
        flat.inputs[exposure.name] = places
    return flat


def _matched(graph: Graph, flat: Flat, ids: Sequence[str]) -> dict[Key, str] | None:
    """Return which node is which of a recipe's; those of one type in the order of their ids."""
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
