"""Properties of every graph: its order, round trips, and results that do not depend on how it was built or run."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations import errors
from invocations.graph.document import read_graph
from invocations.graph.graph import Edge, Graph, Node
from invocations.sessions.session import Extension
from tests.invocations.random_graphs import grown, plans, reference

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("ab")), max_size=25)


def add_nodes(count=10):
    return [Node(f"n{number}", "add") for number in range(count)]


def as_edge(pair):
    return Edge(f"n{pair[0]}", "value", f"n{pair[1]}", pair[2])


@quick
@given(pairs)
def test_a_graph_stays_acyclic_and_ordered_whatever_edges_are_added(specs, tried):
    graph = Graph(specs)
    graph.extend(add_nodes())
    for pair in tried:
        before = graph.to_json()
        try:
            graph.add_edge(as_edge(pair))
        except (errors.Cycle, errors.InputTaken):
            assert graph.to_json() == before
    place = {id_: number for number, id_ in enumerate(graph.order())}
    assert len(place) == 10
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    again = read_graph(json.dumps(graph.to_json()), specs)
    assert again == graph


@quick
@given(pairs)
def test_the_same_edges_are_refused_whether_added_together_or_one_by_one(specs, tried):
    edges = list(dict.fromkeys(as_edge(pair) for pair in tried))
    one_by_one, refused = Graph(specs), False
    one_by_one.extend(add_nodes())
    for edge in edges:
        try:
            one_by_one.add_edge(edge)
        except errors.GraphError:
            refused = True
    at_once = Graph(specs)
    try:
        at_once.extend(add_nodes(), edges)
    except errors.GraphError:
        assert refused
        assert len(at_once) == 0
        assert at_once.edges == ()
    else:
        assert at_once == one_by_one


def run(make_bench, nodes, edges, *, steps=False):
    bench = make_bench()
    bench.invoker.extend(bench.session.id, Extension(tuple(nodes), tuple(edges)))
    if steps:
        before = -1
        while len(bench.session.log) != before:
            before = len(bench.session.log)
            list(bench.invoker.step(bench.session.id))
            bench.reopen()
    bench.run()
    return bench


@quick
@given(plans)
def test_every_graph_returns_the_same_results_as_the_reference_implementation(make_bench, plan):
    nodes, edges = grown(plan)
    bench = run(make_bench, nodes, edges)
    wanted = reference(nodes, edges)
    found = {}
    for (id_, path), outputs in bench.session.results.items():
        found.setdefault(id_, {})[path] = next(iter(outputs.values()))
    assert bench.events[-1].event == "session_finished"
    skipped = {id_ for id_, _ in bench.session.skipped}
    if any(node.id in skipped for node in nodes if node.type == "iterate"):
        return  # the reference implementation does not skip loops
    sinks = {node.id for node in nodes} - {edge.source for edge in edges}
    for node in nodes:
        assert found.get(node.id, {}).items() <= wanted[node.id].items()
        if node.id in sinks or not any(each.type == "if" for each in nodes):
            assert found.get(node.id, {}) == wanted[node.id]


@settings(quick, max_examples=25)
@given(plans)
def test_a_session_reloaded_after_every_step_has_the_same_results_as_an_uninterrupted_session(make_bench, plan):
    nodes, edges = grown(plan)
    whole = run(make_bench, nodes, edges).session
    stepped = run(make_bench, nodes, edges, steps=True).session
    assert dict(stepped.results) == dict(whole.results)
    assert dict(stepped.skipped) == dict(whole.skipped)


@quick
@given(plans, st.randoms(use_true_random=False))
def test_the_order_in_which_edges_are_listed_matters_only_for_collect(make_bench, plan, random):
    nodes, edges = grown(plan)
    whole = run(make_bench, nodes, edges).session
    shuffled = list(edges)
    random.shuffle(shuffled)
    gathered = {node.id for node in nodes if node.type == "collect"}
    kept = iter([edge for edge in edges if edge.target in gathered])
    shuffled = [next(kept) if edge.target in gathered else edge for edge in shuffled]
    assert dict(run(make_bench, nodes, shuffled).session.results) == dict(whole.results)


@pytest.mark.parametrize("count", [1, 7])
def test_a_graph_added_line_by_line_has_the_same_results_as_a_graph_added_at_once(make_bench, n, count):
    bench = make_bench()
    bench.grow([n("0 number", value=count)])
    for number in range(1, 40):
        bench.grow([n(f"{number} add", b=1)], f"{number - 1}.value > {number}.a")
        if number % count == 0:
            bench.run()
    assert bench.run().values("39") == [count + 39]


words = st.sampled_from(
    ("id", "type", "inputs", "nodes", "edges", "source", "output", "target", "input", "kind", "image", "add", "value")
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=12,
)
nearly_nodes = st.fixed_dictionaries({"id": words | anything, "type": words | anything}, optional={"inputs": anything})
nearly_edges = st.fixed_dictionaries(dict.fromkeys(("source", "output", "target", "input"), words | anything))
documents = anything | st.fixed_dictionaries(
    {"nodes": st.dictionaries(words, nearly_nodes | anything, max_size=3) | anything},
    optional={"edges": st.lists(nearly_edges | anything, max_size=3) | anything},
)


@settings(quick, max_examples=300)
@given(documents)
def test_any_data_is_read_as_a_graph_or_raises_a_specific_error(specs, data):
    for form in (data, json.dumps(data)):
        try:
            graph = read_graph(form, specs)
        except errors.GraphError:
            continue
        assert read_graph(graph.to_json(), specs) == graph
