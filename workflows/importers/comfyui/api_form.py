"""ComfyUI's API form of a graph: a JSON object with the nodes by id, and links written as `[id, output]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.importers.foreign_graph import MAX_KIND, ForeignNode, NodeLink
from workflows.importers.untrusted import mapping, string

LITERAL = "__value__"  # key of the object in which ComfyUI wraps a list that is not a link


def api_nodes(data: Mapping[str, Any]) -> dict[str, ForeignNode]:
    """Return the nodes of a graph in the API form, by id; {} if the data is not in that form."""
    nodes = {}
    for id_, node in data.items():
        kind = string(mapping(node).get("class_type"))[:MAX_KIND]
        if kind:
            inputs = {name: _value(value) for name, value in mapping(node.get("inputs")).items()}
            nodes[id_] = ForeignNode(id_, kind, inputs)
    return nodes


def _value(value: object) -> object:
    """Convert the value of an input: a pair `[id, output]` becomes a link, and any other value is returned as it is."""
    if isinstance(value, list) and len(value) == 2:
        id_, output = value
        if isinstance(id_, (str, int)) and isinstance(output, int):
            return NodeLink(str(id_), int(output))
    return mapping(value).get(LITERAL, value)
