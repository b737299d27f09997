"""The line that makes a graph, or the reason why no line does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workflows.decompile.graph import decompile

from .edits import Inexpressible

MAX_NODES: Final = 100  # the time grows with the square of the number
RUN_IT: Final = "it can run as a graph"

if TYPE_CHECKING:
    from invocations.graph.graph import Graph
    from workflows.workspace import Workspace


def line_of_graph(workspace: Workspace, graph: Graph) -> str:
    """Return a line whose plan equals the graph. Raises: Inexpressible."""
    if len(graph) > MAX_NODES:
        message = f"no line makes this graph: it has {len(graph)} nodes; at most {MAX_NODES} are written as a line here"
        raise Inexpressible(message, RUN_IT)
    found = decompile(graph, workspace.catalog, workspace.memory.defaults)
    if found.missing or not found.line:
        raise Inexpressible(f"no line makes this graph: {'; '.join(found.missing)}", RUN_IT)
    return found.line
