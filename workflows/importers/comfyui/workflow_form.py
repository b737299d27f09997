"""Read ComfyUI's workflow form, which its editor saves: nodes with slots, links by id, widget values by position.

Reroutes, primitives, muted and bypassed nodes, named links (Set, Get) and subgraphs are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from invocations.frozen import frozen
from workflows.importers.foreign_graph import LOOP, MAX_KIND, MAX_NODES, ForeignNode, NodeLink
from workflows.importers.parameters import short
from workflows.importers.untrusted import Unreadable, mapping, sequence, string

from .widget_values import CONTROL, SEEDS, named_values, widget_slots

MUTED, BYPASSED = 2, 4  # modes of a node in the editor
MAX_NESTED = 20  # how deep subgraphs may be nested
EDITOR_NODES = ("Note", "MarkdownNote", "Reroute", "PrimitiveNode", "SetNode", "GetNode")
INSIDE, OUTSIDE = "-10", "-20"  # ids of a subgraph's own inputs and outputs


@frozen
class EditorLink:
    """A link in the editor's notation, from an output of one node to an input of another."""

    source: str
    slot: int
    target: str
    target_slot: int
    type: str = ""


@frozen
class EditorPlace:
    """The nodes and links of the workflow itself, or of one use of a subgraph."""

    prefix: str
    nodes: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, EditorLink]
    named: Mapping[str, Mapping[str, Any]]  # the nodes of type `SetNode`, by the name that each one sets
    outputs: Mapping[int, str]  # the links to the subgraph's outputs, by position
    use: Mapping[str, Any]  # the node that uses the subgraph, empty for the workflow itself
    outer: EditorPlace | None = None

    @classmethod
    def of(
        cls, graph: Mapping[str, Any], prefix: str, use: Mapping[str, Any], outer: EditorPlace | None = None
    ) -> EditorPlace:
        """Return the `Place` of a workflow or of one use of a subgraph; `prefix` makes the ids of its nodes unique."""
        nodes = {str(node.get("id")): node for node in map(mapping, sequence(graph.get("nodes"))) if node}
        links = dict(_each_link(sequence(graph.get("links"))))
        named = {str(sequence(n.get("widgets_values"))[:1]): n for n in nodes.values() if n.get("type") == "SetNode"}
        outputs = {link.target_slot: id_ for id_, link in links.items() if link.target == OUTSIDE}
        return cls(prefix, nodes, links, named, outputs, use, outer)


def workflow_nodes(data: Mapping[str, Any]) -> dict[str, ForeignNode]:
    """Return the nodes of a workflow, by id; {} if the data is not a workflow. Raises: Unreadable."""
    if not isinstance(data.get("nodes"), list) or not isinstance(data.get("links"), list):
        return {}
    return Editor(data).all_nodes()


class Editor:
    """A workflow with all uses of its subgraphs, in which links can be followed to the nodes that run."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        graphs = map(mapping, sequence(mapping(data.get("definitions")).get("subgraphs")))
        self.subgraphs = {string(graph["id"]): graph for graph in graphs if string(graph.get("id"))}
        self.places: dict[str, EditorPlace] = {}
        self.count = 0
        self.sources: dict[tuple[str, str], object] = {}
        self._open(EditorPlace.of(data, "", {}), 0)

    def all_nodes(self) -> dict[str, ForeignNode]:
        """Return the nodes that run; their inputs link only to other nodes in the result."""
        nodes = {}
        for place in self.places.values():
            for id_, node in place.nodes.items():
                kind = string(node.get("type"))[:MAX_KIND]
                if kind and kind not in EDITOR_NODES and kind not in self.subgraphs and not _mode(node):
                    nodes[place.prefix + id_] = ForeignNode(place.prefix + id_, kind, self._inputs(place, id_, node))
        return nodes

    def _open(self, place: EditorPlace, depth: int) -> None:
        """Add the `Place` of a workflow or of one use of a subgraph, and the places of the subgraphs used inside it."""
        self.count += len(place.nodes)
        if self.count > MAX_NODES:
            raise Unreadable(f"it has more than {MAX_NODES} nodes")
        if depth > MAX_NESTED:
            raise Unreadable(f"its subgraphs are nested deeper than {MAX_NESTED} levels")
        self.places[place.prefix] = place
        for id_, node in place.nodes.items():
            inner = self.subgraphs.get(string(node.get("type")))
            if inner is not None:
                prefix = f"{place.prefix}{id_}:"
                self._open(EditorPlace.of(inner, prefix, node, place), depth + 1)

    def _inputs(self, place: EditorPlace, id_: str, node: Mapping[str, Any]) -> dict[str, Any]:
        """Return a node's inputs: the values of its widgets, overridden by links."""
        inputs = {**named_values(node), **_promoted(place.use, id_)}
        for slot in map(mapping, sequence(node.get("inputs"))):
            if slot.get("link") is not None:
                value = self._source(place, slot["link"])
                inputs |= _control(place, slot["link"]) if slot.get("name") in SEEDS else {}
                if value is not None:
                    inputs[string(slot.get("name"))] = value
        return inputs

    def _source(self, place: EditorPlace | None, link_id: object) -> object:
        """Follow a link to its origin: a link to a node that runs, a plain value, or None if there is neither."""
        passed: set[tuple[str, str]] = set()
        found: object = None
        while place is not None and (link := place.links.get(str(link_id))) is not None:
            key = (place.prefix, str(link_id))
            if key in passed:
                raise Unreadable(LOOP.format(f"node {short(link.source)}"))
            if key in self.sources:
                found = self.sources[key]
                break
            passed.add(key)
            place, link_id, found = self._before(place, link)
        self.sources |= dict.fromkeys(passed, found)
        return found

    def _before(self, place: EditorPlace, link: EditorLink) -> tuple[EditorPlace | None, object, object]:
        """Follow a link one step back.

        Returns the place and the id of the previous link; or, if the link begins here, None and the node or value that
        it begins at.
        """
        if link.source == INSIDE:
            name, outer = _outer_input(place.use, link.slot)
            found = (place.outer, outer, None) if outer is not None else None
            return found or (None, None, _promoted(place.use, "-1").get(name))
        node = mapping(place.nodes.get(link.source))
        kind = string(node.get("type"))
        if kind in self.subgraphs:
            inner = self.places[f"{place.prefix}{link.source}:"]
            return inner, inner.outputs.get(link.slot), None
        if kind == "PrimitiveNode":
            return None, None, next(iter(sequence(node.get("widgets_values"))), None)
        if kind == "GetNode":
            return self._set_node(place, node)
        if kind == "Reroute" or _mode(node) == BYPASSED:
            return place, _bypassed(node, link), None
        runs = node and _mode(node) != MUTED
        return None, None, NodeLink(place.prefix + link.source, link.slot) if runs else None

    def _set_node(self, place: EditorPlace, get: Mapping[str, Any]) -> tuple[EditorPlace | None, object, object]:
        """Return the link into the Set node that a Get node refers to, and the `Place` that contains the link."""
        name = str(sequence(get.get("widgets_values"))[:1])
        where: EditorPlace | None = place
        while where is not None:
            if name in where.named:
                return where, _first_link(where.named[name]), None
            where = where.outer
        return None, None, None


def _each_link(links: list[Any]) -> Iterator[tuple[str, EditorLink]]:
    """Yield the links by id; older editors write lists, newer ones objects."""
    for link in links:
        if isinstance(link, dict):
            names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
            link = [link.get(name) for name in names]
        if isinstance(link, list) and len(link) >= 5 and isinstance(link[2], int) and isinstance(link[4], int):
            yield str(link[0]), EditorLink(str(link[1]), link[2], str(link[3]), link[4], str(link[5:6]))


def _mode(node: Mapping[str, Any]) -> int:
    """Return the mode of a node that is muted or bypassed; 0 for any other node."""
    mode = node.get("mode")
    return mode if isinstance(mode, int) and mode in (MUTED, BYPASSED) else 0


def _control(place: EditorPlace, link_id: object) -> dict[str, Any]:
    """Return how the editor changes a primitive's value after each image; {} if the link begins at another node."""
    link = place.links.get(str(link_id))
    node = mapping(place.nodes.get(link.source)) if link else {}
    control = sequence(node.get("widgets_values"))[1:2] if node.get("type") == "PrimitiveNode" else []
    return {CONTROL: control[0]} if control else {}


def _outer_input(use: Mapping[str, Any], slot: int) -> tuple[str, object]:
    """Return the name of a subgraph's input, and the link to that input where the subgraph is used."""
    slots = sequence(use.get("inputs"))
    found = mapping(slots[slot]) if 0 <= slot < len(slots) else {}
    return string(found.get("name")), found.get("link")


def _promoted(use: Mapping[str, Any], inner: str) -> dict[str, Any]:
    """Return the values of an inner node that are set where its subgraph is used.

    inner: the id of the node, or `-1` for the subgraph's own inputs
    """
    values = sequence(use.get("widgets_values"))
    proxies = [each for each in sequence(mapping(use.get("properties")).get("proxyWidgets")) if len(sequence(each)) > 1]
    if proxies and len(proxies) == len(values):
        return {string(name): value for (id_, name, *_), value in zip(proxies, values, strict=True) if id_ == inner}
    slots = widget_slots(use)
    return dict(zip(slots, values, strict=True)) if inner == "-1" and len(slots) == len(values) else {}


def _first_link(node: Mapping[str, Any]) -> object:
    return next((mapping(slot).get("link") for slot in sequence(node.get("inputs"))), None)


def _bypassed(node: Mapping[str, Any], link: EditorLink) -> object:
    """Return the link that a reroute or a bypassed node passes on: the first input with the type of the output."""
    slots = [mapping(slot) for slot in sequence(node.get("inputs"))]
    if node.get("type") == "Reroute":
        return _first_link(node)
    same = [slot.get("link") for slot in slots if str([slot.get("type")]) == link.type]
    return next((id_ for id_ in same if id_ is not None), None)
