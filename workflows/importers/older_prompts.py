r"""Convert prompts from early versions, in which `(word:1.3)` and backslashes had no special meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from invocations.graph.graph import Graph, Node
from invocations.prompt_syntax import INVOKE, PROMPT, PROMPT_SYNTAX, matters
from invocations.spec import InvocationSpec

from .prompt_weights import COLON_WEIGHT

NOTE = "in the version that made the image, `(word:1.3)` and backslashes had no special meaning: they are kept as text"
_ESCAPE = re.compile(r"\\(?=[()\[\]\\:+-])")


def as_words(prompt: str) -> str:
    """Escape a prompt so that it keeps the meaning it had before escapes and `(word:1.3)` were introduced."""
    return COLON_WEIGHT.sub(r"\\:", _ESCAPE.sub(r"\\\\", prompt))


def with_older_prompts(graph: Graph, catalog: Mapping[str, InvocationSpec]) -> tuple[Graph, list[str]]:
    """Return a graph that makes the same image in this version, and a note if prompts had to be rewritten."""
    nodes = [Node(n.id, n.type, {**n.inputs, **dict(_rewritten(n, catalog[n.type]))}) for n in graph.nodes.values()]
    if all(node.inputs == graph.nodes[node.id].inputs for node in nodes):
        return graph, []
    found = Graph(catalog)
    found.extend(nodes, graph.edges)
    return found, [NOTE]


def _rewritten(node: Node, spec: InvocationSpec) -> Iterator[tuple[str, str]]:
    """Yield the inputs of a node that have a different meaning in this version."""
    syntax = next((field.name for field in spec.inputs if field.completes == PROMPT_SYNTAX), None)
    if syntax is None or syntax in node.inputs:
        return
    for field in spec.inputs:
        value = node.inputs.get(field.name)
        if field.completes == PROMPT and isinstance(value, str) and matters(value, INVOKE):
            yield field.name, as_words(value)
