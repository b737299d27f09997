"""What a line from a picture may not do by itself: write files under names of its own, read files, use the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from invocations.graph.graph import Edge, Graph, Node
from invocations.spec import InvocationSpec

SAVE, IMAGE = "save", "image"
FILES = ("file", "directory")
TARGET, MODEL = "target", "model"
OF_A_PATH = ("/", "\\", ".", "~")
NETWORK = "allow_url"


def without_saves(graph: Graph, catalog: Mapping[str, InvocationSpec]) -> Graph:
    """Return the graph with no file written: what comes from a `save` comes from what it was given."""
    saves = {node.id for node in graph.nodes.values() if node.type == SAVE}
    giver = {edge.target: edge for edge in graph.edges if edge.target in saves and edge.input == IMAGE}
    edges = []
    for edge in graph.edges:
        source, output = edge.source, edge.output
        while source in giver:
            source, output = giver[source].source, giver[source].output
        if edge.target not in saves:
            edges.append(Edge(source, output, edge.target, edge.input))
    rest = Graph(catalog)
    rest.extend((node for node in graph.nodes.values() if node.id not in saves), edges)
    return rest


def writes(nodes: Iterable[Node], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    """Return the targets that nodes would write under names of their own."""
    return list(dict.fromkeys(text for node in nodes for text in _named(node, catalog.get(node.type), (TARGET,))))


def reads(nodes: Iterable[Node], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    """Return the files and folders that nodes name."""
    wanted = (*FILES, MODEL)
    return list(dict.fromkeys(text for node in nodes for text in _named(node, catalog.get(node.type), wanted)))


def guests(nodes: Iterable[Node], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    """Return the types of nodes that did not come with the program: nobody knows what their inputs make them do."""
    return list(dict.fromkeys(n.type for n in nodes if n.type not in catalog or catalog[n.type].origin != "built in"))


def goes_online(nodes: Iterable[Node]) -> bool:
    """Tell whether a node is allowed to use the network."""
    return any(node.inputs.get(NETWORK) for node in nodes)


def _named(node: Node, spec: InvocationSpec | None, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts at inputs of some sorts; a model's only where it is a path."""
    for field in spec.inputs if spec else ():
        value = node.inputs.get(field.name)
        for text in value if isinstance(value, (list, tuple)) else [value]:
            if not isinstance(text, str) or not text or field.completes not in wanted:
                continue
            if field.completes != MODEL or _is_path(text):
                yield text


def _is_path(model: str) -> bool:
    return model.startswith(OF_A_PATH) or "/" in model or "\\" in model
