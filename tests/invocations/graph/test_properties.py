"""Properties of every graph: order, round trips, results that do not depend on how a graph was built or run."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations import errors
from invocations.graph.document import read_graph
from invocations.graph.graph import Edge, Graph, Node
from invocations.sessions.session import Extension

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
def test_the_same_edges_are_refused_at_once_or_one_by_one(specs, tried):
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


# A random graph: each node is of a kind and takes its inputs from earlier nodes.
KINDS = ("number", "add", "iterate", "collect", "if", "less")
plans = st.lists(
    st.tuples(st.sampled_from(KINDS), *(st.integers(0, 1000) for _ in range(3))), min_size=1, max_size=14
)  # fmt: skip


def grown(plan):
    """Return the nodes and edges of a plan: numbers, sums, loops over short lists, collects, ifs."""
    nodes, edges, ints, bools, lists = [], [], [], [], []

    def pick(found, number):
        return found[number % len(found)] if found else None

    for place, (kind, i, j, k) in enumerate(plan):
        id_ = f"n{place}"
        first, second, third = pick(ints, i), pick(ints, j), pick(ints, k)
        if kind == "iterate" and (i % 2 == 0 or not lists):
            nodes.append(Node(id_, "iterate", {"collection": list(range(i % 3))}))
            ints.append((id_, "item"))
        elif kind == "iterate":
            nodes.append(Node(id_, "iterate"))
            edges.append(Edge(*pick(lists, j), id_, "collection"))
            ints.append((id_, "item"))
        elif kind == "collect" and first:
            nodes.append(Node(id_, "collect"))
            edges.extend(Edge(*source, id_, "item") for source in dict.fromkeys((first, second)))
            if lists and i % 2:
                edges.append(Edge(*pick(lists, k), id_, "collection"))
            lists.append((id_, "collection"))
        elif kind == "add" and first:
            nodes.append(Node(id_, "add"))
            edges += [Edge(*first, id_, "a"), Edge(*second, id_, "b")]
            ints.append((id_, "value"))
        elif kind == "less" and first:
            nodes.append(Node(id_, "less", {"b": j % 3}))
            edges.append(Edge(*first, id_, "a"))
            bools.append((id_, "holds"))
        elif kind == "if" and bools:
            nodes.append(Node(id_, "if"))
            edges += [Edge(*pick(bools, i), id_, "condition"), Edge(*second, id_, "then"),
                      Edge(*third, id_, "otherwise")]  # fmt: skip
            ints.append((id_, "value"))
        else:
            nodes.append(Node(id_, "number", {"value": i}))
            ints.append((id_, "value"))
    return nodes, edges


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


def reference(nodes, edges):
    """Return each node's results by path, and the iterates around it, computed directly from the definition.

    Nothing is lazy here: an `if` needs both branches. Axes are in the order in which the iterates were added.
    """
    place = {node.id: number for number, node in enumerate(nodes)}
    axes, values = {}, {}

    def joined(ids):
        around = tuple(sorted({axis for id_ in ids for axis in axes[id_]}, key=place.__getitem__))
        paths = [{}]
        for id_ in (*around, *ids):
            paths = [
                {**dict(zip(axes[id_], path, strict=True)), **known}
                for known in paths
                for path in values[id_]
                if all(known.get(axis, index) == index for axis, index in zip(axes[id_], path, strict=True))
            ]
        unique = sorted({tuple(known[axis] for axis in around) for known in paths})
        return around, unique

    def at(id_, around, path):
        index = dict(zip(around, path, strict=True))
        return values[id_][tuple(index[axis] for axis in axes[id_])]

    for node in nodes:
        arriving = [edge for edge in edges if edge.target == node.id]
        sources = list(dict.fromkeys(edge.source for edge in arriving))
        if node.type == "collect":
            items = [edge.source for edge in arriving if edge.input == "item"]
            lists = [edge.source for edge in arriving if edge.input == "collection"]
            inner, more = joined_axes(axes, place, items), joined_axes(axes, place, lists)
            around = tuple(sorted({*inner[:-1], *(axis for axis in more if axis not in inner)}, key=place.__getitem__))
            paths = joined_domain(axes, values, around)
            values[node.id] = {}
            for path in paths:
                known = dict(zip(around, path, strict=True))
                found = []
                for edge in sorted(arriving, key=lambda edge: edge.input == "item"):
                    for other in sorted(values[edge.source]):
                        own = zip(axes[edge.source], other, strict=True)
                        if all(known.get(axis, index) == index for axis, index in own):
                            value = values[edge.source][other]
                            found.extend(value if edge.input == "collection" else [value])
                values[node.id][path] = found
            axes[node.id] = around
            continue
        around, paths = joined(sources)
        result = {}
        for path in paths:
            given = {edge.input: at(edge.source, around, path) for edge in arriving}
            inputs = {**node.inputs, **given}
            if node.type == "iterate":
                result.update({(*path, index): item for index, item in enumerate(inputs["collection"])})
            elif node.type == "add":
                result[path] = inputs["a"] + inputs["b"]
            elif node.type == "less":
                result[path] = inputs["a"] < inputs["b"]
            elif node.type == "if":
                result[path] = inputs["then"] if inputs["condition"] else inputs["otherwise"]
            else:
                result[path] = inputs["value"]
        axes[node.id] = (*around, node.id) if node.type == "iterate" else around
        values[node.id] = result
    return values


def joined_axes(axes, place, ids):
    return tuple(sorted({axis for id_ in ids for axis in axes[id_]}, key=place.__getitem__))


def joined_domain(axes, values, around):
    paths = [()]
    for number, axis in enumerate(around):
        known = around[:number]
        paths = [
            (*path, other[-1])
            for path in paths
            for other in sorted(values[axis])
            if all(dict(zip(known, path, strict=True))[name] == index
                   for name, index in zip(axes[axis][:-1], other[:-1], strict=True))
        ]  # fmt: skip
    return paths


@quick
@given(plans)
def test_every_graph_has_the_results_of_the_reference(make_bench, plan):
    nodes, edges = grown(plan)
    bench = run(make_bench, nodes, edges)
    wanted = reference(nodes, edges)
    found = {}
    for (id_, path), outputs in bench.session.results.items():
        found.setdefault(id_, {})[path] = next(iter(outputs.values()))
    assert bench.events[-1].event == "session_finished"
    skipped = {id_ for id_, _ in bench.session.skipped}
    if any(node.id in skipped for node in nodes if node.type == "iterate"):
        return  # the definition does not cover loops that were skipped
    sinks = {node.id for node in nodes} - {edge.source for edge in edges}
    for node in nodes:
        assert found.get(node.id, {}).items() <= wanted[node.id].items()
        if node.id in sinks or not any(each.type == "if" for each in nodes):
            assert found.get(node.id, {}) == wanted[node.id]


@settings(quick, max_examples=25)
@given(plans)
def test_reloading_after_every_step_has_the_same_results(make_bench, plan):
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
def test_a_graph_added_line_by_line_has_the_same_results(make_bench, n, count):
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
def test_whatever_is_read_is_a_graph_or_a_named_error(specs, data):
    for form in (data, json.dumps(data)):
        try:
            graph = read_graph(form, specs)
        except errors.GraphError:
            continue
        assert read_graph(graph.to_json(), specs) == graph
