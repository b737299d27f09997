"""Append a `save` node to every image output that nothing else consumes, so that `t2i a red fox` writes a file."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.graph.graph import Edge, Node
from invocations.graph.linking import reference_kinds
from invocations.spec import FieldType, InvocationSpec

from .plan import Additions, Plan

SAVE, IMAGE, ITERATE = "save", "image", "iterate"
ON_DISK = frozenset({SAVE, "load"})  # their images are already in a file
LOOKS_ON = frozenset({"show"})  # their output is their input


def add_saves(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> Additions:
    """Return a `save` node for every image output that nothing else consumes and that is not yet in a file."""
    types = {node.id: node.type for node in plan.nodes}
    sources = {(edge.target, edge.input): edge.source for edge in plan.edges}
    nodes: list[Node] = []
    edges: list[Edge] = []
    results: list[tuple[str, str]] = []
    taken = set(types)
    for offer in plan.results:
        end = (offer.node, offer.output)
        depth = _image_depth(offer.type)
        if SAVE in catalog and depth >= 0 and types.get(_maker(offer.node, types, sources)) not in ON_DISK:
            for _ in range(depth):
                each = _free(f"{offer.stage}.each", taken)
                nodes.append(Node(each, ITERATE, {}))
                edges.append(Edge(*end, each, "collection"))
                end = (each, "item")
            save = _free(f"{offer.stage}.{SAVE}", taken)
            nodes.append(Node(save, SAVE, {}))
            edges.append(Edge(*end, save, IMAGE))
            end = (save, IMAGE)
        results.append(end)
    return Additions(tuple(nodes), tuple(edges), tuple(results))


def no_additions(plan: Plan) -> Additions:
    """Return the results of a line that is piped to another process: nothing is added, images stay in the store."""
    return Additions((), (), tuple((offer.node, offer.output) for offer in plan.results))


def holds_references(plan: Plan) -> bool:
    """Return True if a line's results are references, which mean nothing without the store."""
    return any(reference_kinds(offer.type) for offer in plan.results)


def _image_depth(type_: FieldType) -> int:
    """Return how many lists deep images are nested in a type, -1 if it holds none."""
    if type_.base == "ref":
        return 0 if IMAGE in (type_.kind, *type_.parents) else -1
    if type_.base == "list":
        inner = _image_depth(type_.args[0])
        return inner + 1 if inner >= 0 else -1
    return -1


def _maker(node: str, types: Mapping[str, str], sources: Mapping[tuple[str, str], str]) -> str:
    """Return the node that made an image, skipping nodes that only show it."""
    while types.get(node) in LOOKS_ON and (node, IMAGE) in sources:
        node = sources[node, IMAGE]
    return node


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    taken.add(name)
    return name
