"""Sessions that were created from a graph are listed with a line that creates the same nodes."""

from __future__ import annotations

from invocations.graph.graph import Edge, Graph, Node
from invocations.sessions.session import Extension
from tests.workflows.conftest import OpenWorkspace
from workflows.line_texts import with_first_lines, with_texts


def graph_of(catalog, *nodes, edges=()):
    graph = Graph(catalog.spec)
    graph.extend([Node(id_, type_, inputs) for id_, type_, inputs in nodes], [Edge(*each) for each in edges])
    return graph


def test_a_session_made_of_a_graph_is_listed_with_the_line_that_creates_it(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    invoker, catalog = workspace.invoker, workspace.catalog
    nodes = [("1", "add", {"a": 1, "b": 2}), ("2", "mul", {"b": 4})]
    session = invoker.create(graph_of(catalog, *nodes, edges=[("1", "value", "2", "a")]))
    assert invoker.info(session.id).first_line == ""
    (info,) = with_first_lines(invoker.sessions(), invoker, catalog)
    assert info.first_line == "add 1 2 | mul 4"
    assert invoker.info(session.id).first_line == "add 1 2 | mul 4"  # recorded, so it is written only once
    (line,) = with_texts(invoker.lines(), invoker, catalog)
    assert line.text == "add 1 2 | mul 4"


def test_nodes_that_continue_an_earlier_line_are_listed_by_type(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    invoker, catalog = workspace.invoker, workspace.catalog
    session = invoker.create(graph_of(catalog, ("1", "add", {"a": 1, "b": 2})))
    invoker.extend(session.id, Extension((Node("2", "mul", {"b": 4}),), (Edge("1", "value", "2", "a"),)))
    assert [line.text for line in with_texts(invoker.lines(), invoker, catalog)] == [
        "add 1 2", "# a graph of 1 node: mul",
    ]  # fmt: skip


def test_a_large_graph_is_listed_by_the_types_of_its_nodes(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    nodes = [(str(number), "add", {"a": number, "b": 1}) for number in range(21)]
    workspace.invoker.create(graph_of(workspace.catalog, *nodes))
    (info,) = with_first_lines(workspace.invoker.sessions(), workspace.invoker, workspace.catalog)
    assert info.first_line == "# a graph of 21 nodes: add"


def test_sessions_with_typed_lines_and_empty_sessions_are_listed_as_they_are(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    workspace.run("add 1 2")
    workspace.invoker.create()
    infos = workspace.invoker.sessions()
    assert with_first_lines(infos, workspace.invoker, workspace.catalog) == infos
