r"""Convert prompts from early versions, in which `(word:1.3)` and backslashes had no special meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping

from invocations.graph.graph import Graph, Node
from invocations.prompt_syntax import older_prompts
from invocations.spec import InvocationSpec

from .prompt_weights import COLON_WEIGHT

NOTE = "in the version that made the image, `(word:1.3)` and backslashes had no special meaning: they are kept as text"
_ESCAPE = re.compile(r"\\(?=[()\[\]\\:+-])")


def as_words(prompt: str) -> str:
    """Escape a prompt so that it keeps the meaning it had before escapes and `(word:1.3)` were introduced."""
    return COLON_WEIGHT.sub(r"\\:", _ESCAPE.sub(r"\\\\", prompt))


def with_older_prompts(graph: Graph, catalog: Mapping[str, InvocationSpec]) -> tuple[Graph, list[str]]:
    """Return a graph that makes the same image in this version, and a note if prompts had to be rewritten."""
    nodes = [Node(n.id, n.type, {**n.inputs, **_rewritten(n, catalog[n.type])}) for n in graph.nodes.values()]
    if all(node.inputs == graph.nodes[node.id].inputs for node in nodes):
        return graph, []
    found = Graph(catalog)
    found.extend(nodes, graph.edges)
    return found, [NOTE]


def _rewritten(node: Node, spec: InvocationSpec) -> dict[str, str]:
    return {name: as_words(prompt) for name, prompt in older_prompts(node.inputs, spec)}
