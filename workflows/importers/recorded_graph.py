"""Read the graph that this program has stored in a file; it is untrusted, so it is checked and cleaned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.errors import GraphError
from invocations.graph.graph import Graph, Node

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry


def recorded_graph(catalog: Registry, text: str) -> tuple[Graph | None, list[str]]:
    """Return the validated graph in a file that this program wrote, and notes about it."""
    from invocations.graph.document import read_graph

    from .older_prompts import with_older_prompts
    from .untrusted import json_object

    data = json_object(text)
    if data is None:
        return None, ["its graph is damaged"]
    try:
        graph, notes = with_older_prompts(read_graph(data, catalog.spec), catalog)
        clean, more = _clean(graph, catalog)
        return clean, [*notes, *more]
    except GraphError as error:
        return None, [f"its graph cannot be used here: {error}"]
    except (RecursionError, TypeError, ValueError, AttributeError):
        return None, ["its graph is damaged"]


def _clean(graph: Graph, catalog: Registry) -> tuple[Graph, list[str]]:
    """Return the graph with invisible characters removed from its strings."""
    nodes = [
        Node(n.id, n.type, {key: _cleaned(value) for key, value in n.inputs.items()}) for n in graph.nodes.values()
    ]
    changed = sorted({n.type for n in nodes if n.inputs != graph.nodes[n.id].inputs})
    if not changed:
        return graph, []
    clean = Graph(catalog.spec)
    clean.extend(nodes, graph.edges)
    return clean, [f"invisible characters were removed from {', '.join(f'`{each}`' for each in changed)}"]


def _cleaned(value: Any) -> Any:
    from .to_pipeline import cleaned

    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value
