"""Find out what an untrusted graph would do: write files under names it chooses, read files, use the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from invocations.graph.graph import Edge, Graph, Node
from invocations.spec import InvocationSpec

FILES = ("file", "text_file", "directory", "wildcards")
TARGET, MODEL = "target", "model"
PATH_PREFIXES = ("/", "\\", ".", "~")
NETWORK = "allow_url"


def without_saves(graph: Graph, catalog: Mapping[str, InvocationSpec]) -> Graph:
    """Return the graph without nodes that save images; nodes that follow them are linked to their inputs instead."""
    specs = {node.id: graph.node_type(node.id).spec for node in graph.nodes.values()}
    saves = {id_: spec.primary_input for id_, spec in specs.items() if "saves" in spec.roles and spec.primary_input}
    giver = {
        edge.target: edge for edge in graph.edges if edge.target in saves and edge.input == saves[edge.target].name
    }
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
    """Return the names of the files that the nodes would write."""
    return list(dict.fromkeys(text for node in nodes for text in _named(node, catalog.get(node.type), (TARGET,))))


def reads(nodes: Iterable[Node], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    """Return the files and folders that the nodes would read."""
    wanted = (*FILES, MODEL)
    return list(dict.fromkeys(text for node in nodes for text in _named(node, catalog.get(node.type), wanted)))


def plugin_types(nodes: Iterable[Node], catalog: Mapping[str, InvocationSpec]) -> list[str]:
    """Return the types of plug-in nodes, whose effects are unknown."""
    return list(dict.fromkeys(n.type for n in nodes if n.type not in catalog or catalog[n.type].origin != "built in"))


def goes_online(nodes: Iterable[Node]) -> bool:
    """Return True if one of the nodes may use the network."""
    return any(node.inputs.get(NETWORK) for node in nodes)


def _named(node: Node, spec: InvocationSpec | None, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield the values of inputs whose `completes` is in `wanted`; models are included only if they are paths."""
    for field in spec.inputs if spec else ():
        value = node.inputs.get(field.name)
        for text in value if isinstance(value, (list, tuple)) else [value]:
            if not isinstance(text, str) or not text or field.completes not in wanted:
                continue
            if field.completes != MODEL or _is_path(text):
                yield text


def _is_path(model: str) -> bool:
    return model.startswith(PATH_PREFIXES) or "/" in model or "\\" in model
