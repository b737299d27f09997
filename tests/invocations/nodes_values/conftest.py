"""A context for nodes on plain values: it knows a seed and nothing else, as such nodes ask for no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from invocations.catalog.registry import open_registry

Run = Callable[..., Any]


class Alone:
    """A context without services."""

    session_id = "session"
    node_id = "node"
    seed = 1234


@pytest.fixture
def run() -> Run:
    """Return what runs a node by its type with its inputs by name, and gives its primary output."""
    registry = open_registry()

    def run_node(name: str, **inputs: Any) -> Any:
        output = registry.load(name)(**inputs).invoke(Alone())  # type: ignore[arg-type]
        primary = registry[name].primary_output
        assert primary is not None
        return getattr(output, primary.name)

    return run_node
