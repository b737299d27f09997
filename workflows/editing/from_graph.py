"""The line that makes a graph, or the reason why no line does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.decompile.graph import decompile

from .edits import Inexpressible

if TYPE_CHECKING:
    from invocations.graph.graph import Graph
    from workflows.workspace import Workspace


def line_of_graph(workspace: Workspace, graph: Graph) -> str:
    """Return a line whose plan equals the graph. Raises: Inexpressible."""
    found = decompile(graph, workspace.catalog, workspace.memory.defaults)
    if found.missing or not found.line:
        raise Inexpressible(f"no line makes this graph: {'; '.join(found.missing)}", "it can run as a graph")
    return found.line
