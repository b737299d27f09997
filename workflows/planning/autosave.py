"""A line's pictures that nobody saves: a `save` node is put behind each, so that `t2i a red fox` leaves a file."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.graph.graph import Edge, Node
from invocations.graph.linking import reference_kinds
from invocations.spec import FieldType, InvocationSpec

from .plan import Additions, Plan

SAVE, IMAGE, ITERATE = "save", "image", "iterate"
ON_DISK = frozenset({SAVE, "load"})  # what these give lies in a file already
LOOKS_ON = frozenset({"show"})  # what these give is what they were given


def add_saves(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> Additions:
    """Return what is added so that every picture among the results lies in a file."""
    types = {node.id: node.type for node in plan.nodes}
    givers = {(edge.target, edge.input): edge.source for edge in plan.edges}
    nodes: list[Node] = []
    edges: list[Edge] = []
    results: list[tuple[str, str]] = []
    taken = set(types)
    for offer in plan.results:
        end = (offer.node, offer.output)
        depth = _pictures(offer.type)
        if SAVE in catalog and depth >= 0 and types.get(_maker(offer.node, types, givers)) not in ON_DISK:
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
    """Return the results of a line that is handed over: nothing is added, its pictures stay in the store."""
    return Additions((), (), tuple((offer.node, offer.output) for offer in plan.results))


def holds_references(plan: Plan) -> bool:
    """Tell whether a line gives references, which only say something together with the store."""
    return any(reference_kinds(offer.type) for offer in plan.results)


def _pictures(type_: FieldType) -> int:
    """Return how many lists deep pictures lie in a type, -1 where it holds none."""
    if type_.base == "ref":
        return 0 if IMAGE in (type_.kind, *type_.parents) else -1
    if type_.base == "list":
        inner = _pictures(type_.args[0])
        return inner + 1 if inner >= 0 else -1
    return -1


def _maker(node: str, types: Mapping[str, str], givers: Mapping[tuple[str, str], str]) -> str:
    """Return the node that made a picture, past those that only look at it."""
    while types.get(node) in LOOKS_ON and (node, IMAGE) in givers:
        node = givers[node, IMAGE]
    return node


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    taken.add(name)
    return name
