"""Nodes and edges: the plain data that a graph consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from invocations.frozen import frozen


@frozen
class Node:
    """An invocation in a graph: its type and the values written for its inputs; immutable."""

    id: str
    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))

    def to_json(self) -> dict[str, Any]:
        """Return the node as JSON data."""
        from invocations import values

        return {"id": self.id, "type": self.type, "inputs": values.to_json(dict(self.inputs))}


@frozen
class Edge:
    """A link from an output to an input."""

    source: str
    output: str
    target: str
    input: str

    def to_json(self) -> dict[str, str]:
        """Return the edge as JSON data."""
        return {"source": self.source, "output": self.output, "target": self.target, "input": self.input}

    def __str__(self) -> str:
        return f"{self.source}.{self.output} -> {self.target}.{self.input}"
