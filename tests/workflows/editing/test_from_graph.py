"""A line for a graph, and for what another tool has recorded."""

from __future__ import annotations

import pytest

from invocations.graph.graph import Edge, Graph, Node
from workflows.editing.edits import Inexpressible
from workflows.editing.from_graph import line_of_graph
from workflows.workspace import Workspace


def graph_of(workspace: Workspace, line: str) -> Graph:
    plan, graph = workspace.plan(line), Graph(workspace.catalog.spec)
    graph.extend(plan.nodes, plan.edges)
    return graph


def test_the_line_of_a_graph_makes_the_same_graph(workspace: Workspace) -> None:
    graph = graph_of(workspace, "add 1 2 as x | mul 3 | sub @x")
    assert line_of_graph(workspace, graph) == "add 1 2 as add | mul 3 | sub --b @add"


def test_a_graph_that_no_line_makes_says_why(workspace: Workspace) -> None:
    graph = Graph(workspace.catalog.spec)
    graph.extend([Node(f"n{number}", "add", {"a": 1, "b": number}) for number in range(101)], [])
    with pytest.raises(Inexpressible) as refused:
        line_of_graph(workspace, graph)
    assert refused.value.message == "no line makes this graph: it has 101 nodes; at most 100 are written as a line here"
    assert refused.value.hint == "it can run as a graph"


def test_an_empty_graph_has_no_line(workspace: Workspace) -> None:
    with pytest.raises(Inexpressible) as refused:
        line_of_graph(workspace, Graph(workspace.catalog.spec))
    assert refused.value.message == "no line makes this graph: it has no nodes"


def test_links_between_nodes_are_kept(workspace: Workspace) -> None:
    graph = Graph(workspace.catalog.spec)
    graph.extend([Node("x", "add", {"a": 1, "b": 2}), Node("y", "mul", {"a": 3})], [Edge("x", "value", "y", "b")])
    assert line_of_graph(workspace, graph) == "add 1 2 as add | mul 3 --b @add --no-link"
