"""Append a `save` after every image output that no other node uses, so that `t2i a red fox` writes a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from invocations.catalog.roles import roles_of, with_role
from invocations.frozen import mutable
from invocations.graph.compatible import without_holes
from invocations.graph.graph import Edge, Node
from invocations.graph.linking import Offer, reference_kinds
from invocations.spec import FieldType, InvocationSpec

from .plan import Additions, Plan

IMAGE = "image"
ON_DISK = frozenset({"saves", "loads"})  # roles of nodes whose images already exist as files
PASS_ON = frozenset({"shows", "spreads", "gathers"})  # roles of nodes that pass images on unchanged


def add_saves(
    nodes: Iterable[Node], edges: Iterable[Edge], results: Sequence[Offer], catalog: Mapping[str, InvocationSpec]
) -> Additions:
    """Return the nodes and edges that save every image among a line's results to a file."""
    save, each = with_role(catalog, "saves"), with_role(catalog, "spreads")
    if save is None or each is None:
        return _unsaved(results)
    roles = {node.id: roles_of(catalog, node.type) for node in nodes}
    incoming: dict[str, list[Edge]] = {}
    for edge in edges:
        incoming.setdefault(edge.target, []).append(edge)
    sources = {node: [edge.source for edge in into] for node, into in incoming.items()}
    adding = _Adding(set(roles))
    for offer in results:
        end = (offer.node, offer.output)
        images, type_ = _saved(offer, incoming.get(offer.node, ()))
        depth = _image_depth(type_)
        if depth >= 0 and not _is_on_disk(images[0], roles, sources):
            end = images
            for _ in range(depth):
                end = adding.after(end, each, f"{offer.stage}.each")
            end = adding.after(end, save, f"{offer.stage}.{save.type}")
        adding.results.append(end)
    return Additions(tuple(adding.nodes), tuple(adding.edges), tuple(adding.results))


def _saved(offer: Offer, incoming: Sequence[Edge]) -> tuple[tuple[str, str], FieldType]:
    """Return the output to save for a result, and its type.

    For a list in which images may be missing, this is the output that `collect` gathers, so each image is saved alone.
    """
    whole = without_holes(offer.type)
    if whole == offer.type or len(incoming) != 1:
        return (offer.node, offer.output), offer.type
    return (incoming[0].source, incoming[0].output), whole.args[0]


@mutable
class _Adding:
    """The nodes and edges added so far; `taken` contains the ids that are in use."""

    taken: set[str]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)

    def after(self, end: tuple[str, str], spec: InvocationSpec, wanted: str) -> tuple[str, str]:
        """Add a node after an output; return the new node and its primary output."""
        assert spec.primary_input is not None
        assert spec.primary_output is not None
        id_ = _free(wanted, self.taken)
        self.nodes.append(Node(id_, spec.type, {}))
        self.edges.append(Edge(*end, id_, spec.primary_input.name))
        return id_, spec.primary_output.name


def no_additions(plan: Plan) -> Additions:
    """Return the results of a line whose images are not saved because they are piped to another process."""
    return _unsaved(plan.results)


def _unsaved(results: Sequence[Offer]) -> Additions:
    return Additions((), (), tuple((offer.node, offer.output) for offer in results))


def holds_references(plan: Plan) -> bool:
    """Return True if any of a line's results are references to content in the store, such as images."""
    return any(reference_kinds(offer.type) for offer in plan.results)


def _image_depth(type_: FieldType) -> int:
    """Return how deep a type nests images in lists: 0 for an image, 1 for a list of images, -1 without images."""
    if type_.base == "ref":
        return 0 if IMAGE in (type_.kind, *type_.parents) else -1
    if type_.base == "list":
        inner = _image_depth(type_.args[0])
        return inner + 1 if inner >= 0 else -1
    return -1


def _is_on_disk(node: str, roles: Mapping[str, Collection[str]], sources: Mapping[str, Sequence[str]]) -> bool:
    """Return True if all images that a node returns exist as files; nodes that only pass images on are followed."""
    waiting, seen = [node], set()
    while waiting:
        each = waiting.pop()
        if each in seen or not ON_DISK.isdisjoint(roles.get(each, ())):
            continue
        if PASS_ON.isdisjoint(roles.get(each, ())) or not sources.get(each):
            return False
        seen.add(each)
        waiting += sources[each]
    return True


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    taken.add(name)
    return name
