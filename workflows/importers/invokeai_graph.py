"""Graphs from InvokeAI: `invokeai_graph`, which the server runs, and `invokeai_workflow`, which the editor saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .foreign_graph import MAX_KIND, ForeignNode, NodeLink
from .graph_notes import unused
from .graph_stages import without_seed
from .invokeai_nodes import InvokeWalk
from .parameters import NO_SEED, Imported
from .untrusted import Unreadable, graph_object, mapping, sequence, string

TOOL = "InvokeAI"
SETTINGS = frozenset({"id", "type", "is_intermediate", "use_cache"})  # fields that do not affect the image
SILENT = frozenset({"board", "metadata", "fp32", "use_cpu", "color_compensation", "model"})
NEUTRAL: dict[str, tuple[object, ...]] = {
    "antialias": (True,),
    "mode": ("bilinear",),
    "blur_type": ("gaussian",),
    "tile_size": (0,),
}
DESCRIBING = ("core_metadata", "metadata", "notes", "current_image")  # prefixes of types that do not affect the image
MAX_ENDS = 20  # how many final nodes are tried


def read(graph: str, name: str = "") -> Imported | None:
    """Return the steps of a graph stored as text, or None if the text is not a graph. Raises: Unreadable.

    name: ignored; other readers of graphs use the name of the file
    """
    return read_graph(graph_object(graph))


def read_graph(data: Mapping[str, Any]) -> Imported | None:
    """Return the steps of a graph from the server or the editor; None if it is from neither. Raises: Unreadable."""
    nodes, saved = _server_nodes(data) if isinstance(data.get("nodes"), dict) else _editor_nodes(data)
    if not nodes or not isinstance(data.get("edges"), list):
        return None
    nodes = {id_: node for id_, node in nodes.items() if not node.kind.startswith(DESCRIBING)}
    ends = _ends(nodes, saved)
    for end in ends[:MAX_ENDS]:
        walk = InvokeWalk(nodes)
        steps = walk.image(NodeLink(end.id, ""))
        if steps:
            walk.use(end)
            if without_seed(steps):
                walk.note(NO_SEED)
            return Imported(TOOL, steps, (*walk.notes, *unused(walk, end.id, SILENT, NEUTRAL)))
    shown = ", ".join(end.shown for end in ends[:3])
    raise Unreadable(
        f"no image can be traced from its last nodes to a denoising node or a file{': ' if shown else ''}{shown}"
    )


def _ends(nodes: Mapping[str, ForeignNode], saved: frozenset[str]) -> list[ForeignNode]:
    """Return the nodes whose outputs no other node uses; nodes that save their image come first."""
    feeding = {link.node for node in nodes.values() for link in node.links().values()}
    ends = [node for node in nodes.values() if node.id not in feeding]
    return sorted(ends, key=lambda node: node.id not in saved)


def _server_nodes(data: Mapping[str, Any]) -> tuple[dict[str, ForeignNode], frozenset[str]]:
    """Return the nodes of a graph in the server's form, and the ids of the nodes that save their image."""
    ends = [(mapping(each.get("source")), mapping(each.get("destination"))) for each in _edges(data)]
    linked = _linked(((end.get("node_id"), end.get("field")) for end in pair) for pair in ends)
    nodes, saved = {}, set()
    for id_, node in mapping(data.get("nodes")).items():
        values = {name: value for name, value in mapping(node).items() if name not in SETTINGS}
        nodes[id_] = ForeignNode(id_, string(mapping(node).get("type"))[:MAX_KIND], {**values, **linked.get(id_, {})})
        if mapping(node).get("is_intermediate") is False:
            saved.add(id_)
    return {id_: node for id_, node in nodes.items() if node.kind}, frozenset(saved)


def _editor_nodes(data: Mapping[str, Any]) -> tuple[dict[str, ForeignNode], frozenset[str]]:
    """Return the nodes of a workflow in the editor's form, and the ids of the nodes that save their image."""
    names = ("source", "sourceHandle"), ("target", "targetHandle")
    linked = _linked(((each.get(id_), each.get(field)) for id_, field in names) for each in _edges(data))
    nodes, saved = {}, set()
    for node in map(mapping, sequence(data.get("nodes"))):
        id_, inner = string(node.get("id")), mapping(node.get("data"))
        fields = mapping(inner.get("inputs")).items()
        values = {name: mapping(field).get("value") for name, field in fields}
        kind = string((inner if node.get("type") == "invocation" else node).get("type"))[:MAX_KIND]
        if id_ and kind:
            nodes[id_] = ForeignNode(id_, kind, {**values, **linked.get(id_, {})})
        if inner.get("isIntermediate") is False:
            saved.add(id_)
    return nodes, frozenset(saved)


def _edges(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [mapping(edge) for edge in sequence(data.get("edges"))]


def _linked(edges: Iterator[Any]) -> dict[str, dict[str, NodeLink]]:
    """Return the links by node and input; a second link to the same input is stored under a numbered name."""
    found: dict[str, dict[str, NodeLink]] = {}
    for (source, output), (target, name) in edges:
        if all(isinstance(each, str) for each in (source, output, target, name)):
            inputs = found.setdefault(target, {})
            inputs[name if name not in inputs else f"{name} {len(inputs) + 1}"] = NodeLink(source, output)
    return found
