"""Behaviors 52 and 60 to 68 with several axes: `collect` closes the axes that it names, wherever they are."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations import errors
from invocations.graph.document import read_graph
from invocations.graph.graph import Graph
from invocations.sessions.session import Extension
from tests.invocations.bench import edge as as_edge
from tests.invocations.random_graphs import closing, grown, plans_of, reference

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
plans = plans_of("number", "add", "iterate", "iterate", "collect", "collect")


def sheet(n, *collects):
    """Return the nodes and edges that add the items of two independent loops, over 10 and 20 and over 1, 2 and 3."""
    return (
        [n("i iterate", collection=[10, 20], axis="tens"), n("j iterate", collection=[1, 2, 3], axis="ones"),
         n("a add"), *collects],
        "i.item > a.a", "j.item > a.b",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ([], [[11, 12, 13], [21, 22, 23]]),
        (["ones"], [[11, 12, 13], [21, 22, 23]]),
        (["tens"], [[11, 21], [12, 22], [13, 23]]),
        (["tens", "ones"], [[11, 12, 13, 21, 22, 23]]),
        (["ones", "tens"], [[11, 12, 13, 21, 22, 23]]),
    ],
)
def test_052_collect_closes_the_named_axes_and_keeps_the_order_of_the_axes(bench, n, by, wanted):
    nodes, *edges = sheet(n, n("c collect", by=by) if by else n("c collect"))
    bench.grow(nodes, *edges, "a.value > c.item").run()
    assert bench.values("c", "collection") == wanted
    assert bench.session.paths("c") == ([()] if len(wanted) == 1 else [(place,) for place in range(len(wanted))])


def test_060_a_collector_that_closes_the_outer_axis_runs_once_for_each_item_of_the_inner_axis(bench, n):
    nodes, *edges = sheet(n, n("c collect", by=["tens"]), n("s total"), n("d collect", by=["ones"]))
    bench.grow(
        nodes, *edges, "a.value > c.item", "c.collection > s.values", "s.value > d.item"
    ).run()  # fmt: skip
    assert bench.values("d", "collection") == [[32, 34, 36]]


def test_062_an_axis_without_items_results_in_empty_lists_or_in_no_list(bench, n):
    bench.grow(
        [n("i iterate", collection=[], axis="x"), n("j iterate", collection=[1, 2], axis="y"), n("a add"),
         n("c collect", by=["x"]), n("d collect", by=["y"])],
        "i.item > a.a", "j.item > a.b", "a.value > c.item", "a.value > d.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[], []]
    assert bench.values("d", "collection") == []


def test_063_a_collector_that_closes_nested_axes_flattens_ragged_lists(bench, n):
    bench.grow(
        [n("t table", rows=[[1, 2], [], [3]]), n("i iterate", axis="row"), n("j iterate", axis="cell"),
         n("c collect", by=["cell", "row"])],
        "t.collection > i.collection", "i.item > j.collection", "j.item > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[1, 2, 3]]


def test_066_earlier_lists_and_items_of_different_loops_are_gathered_along_the_named_axes(bench, n):
    nodes, *edges = sheet(n, n("k number", value=100), n("e collect", by=["ones"]), n("c collect", by=["tens"]))
    bench.grow(
        nodes, *edges, "a.value > e.item", "e.collection > c.collection", "i.item > c.item", "k.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[11, 12, 13, 21, 22, 23, 10, 20, 100]]


def test_052_an_axis_name_that_the_items_do_not_have_is_refused(graph, n):
    nodes, *edges = sheet(n, n("c collect", by=["tens", "twos"]))
    with pytest.raises(errors.UnknownAxis) as caught:
        graph.extend(nodes, [as_edge(each) for each in (*edges, "a.value > c.item")])
    assert caught.value.message == "there is no axis `twos` to close: the items have only `tens` and `ones`"
    assert (caught.value.node, caught.value.field, len(graph), dict(graph.axes)) == ("c", "by", 0, {})


def test_052_an_axis_name_is_refused_if_no_loop_has_a_name(graph, n):
    with pytest.raises(errors.UnknownAxis) as caught:
        graph.extend([n("i iterate", collection=[1]), n("c collect", by=["x"])], [as_edge("i.item > c.item")])
    assert caught.value.message == "there is no axis `x` to close: the items have no axis with a name"


@pytest.mark.parametrize(
    ("axis", "message", "hint"),
    [
        (
            "y",
            "`x` cannot be closed alone: the axis `y` depends on its items",
            "close `y` as well",
        ),
        (
            "",
            "`x` cannot be closed alone: a loop without a name depends on its items",
            "close that loop with `collect` first",
        ),
    ],
)
def test_063_an_axis_is_not_closed_without_the_axes_whose_items_depend_on_it(graph, n, axis, message, hint):
    inner = n("j iterate", axis=axis) if axis else n("j iterate")
    with pytest.raises(errors.AxisInUse) as caught:
        graph.extend(
            [n("i iterate", collection=[[1, 2], [3]], axis="x"), inner, n("c collect", by=["x"])],
            [as_edge("i.item > j.collection"), as_edge("j.item > c.item")],
        )
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_045_a_collector_that_names_axes_but_receives_no_items_is_incomplete(graph, n):
    graph.extend([n("c collect", by=["x"]), n("i iterate", axis="x")], [])
    with pytest.raises(errors.CollectWithoutInput):
        graph.check_complete(["c"])
    with pytest.raises(errors.IterateWithoutInput):
        graph.check_complete(["i"])


def test_052_edges_that_are_added_later_are_checked_too(graph, n):
    graph.extend([n("c collect", by=["x"]), n("a add"), n("i iterate", collection=[1], axis="x")], [])
    with pytest.raises(errors.UnknownAxis):
        graph.add_edge(as_edge("a.value > c.item"))
    assert graph.edges == ()
    graph.extend((), [as_edge("a.value > c.item"), as_edge("i.item > a.a")])
    assert dict(graph.axes) == {"i": ("i",), "a": ("i",)}
    assert dict(graph.copy().axes) == dict(graph.axes)


def test_020_a_graph_with_named_axes_is_read_back_from_its_json_data(graph, n, specs):
    nodes, *edges = sheet(n, n("c collect", by=["tens"]))
    graph.extend(nodes, [as_edge(each) for each in (*edges, "a.value > c.item")])
    again = read_graph(json.dumps(graph.to_json()), specs)
    assert again == graph
    assert dict(again.axes) == {"i": ("i",), "j": ("j",), "a": ("i", "j"), "c": ("j",)}


def ran(make_bench, nodes, edges, *, steps=False):
    bench = make_bench()
    bench.invoker.extend(bench.session.id, Extension(tuple(nodes), tuple(edges)))
    before = -1
    while steps and len(bench.session.log) != before:
        before = len(bench.session.log)
        list(bench.invoker.step(bench.session.id))
        bench.reopen()
    return bench.run()


@quick
@given(plans, st.lists(st.integers(0, 15), min_size=1, max_size=5))
def test_lists_along_named_axes_match_the_reference_implementation(make_bench, plan, numbers):
    nodes, edges = grown(plan)
    nodes = closing(nodes, edges, numbers)
    session = ran(make_bench, nodes, edges).session
    found = {}
    for (id_, path), outputs in session.results.items():
        found.setdefault(id_, {})[path] = next(iter(outputs.values()))
    assert {node.id: found.get(node.id, {}) for node in nodes} == reference(nodes, edges)


@settings(quick, max_examples=25)
@given(plans, st.lists(st.integers(0, 15), min_size=1, max_size=5))
def test_072_a_session_with_named_axes_has_the_same_results_if_reloaded_after_every_step(make_bench, plan, numbers):
    nodes, edges = grown(plan)
    nodes = closing(nodes, edges, numbers)
    whole, stepped = (ran(make_bench, nodes, edges, steps=steps).session for steps in (False, True))
    assert dict(stepped.results) == dict(whole.results)


@quick
@given(plans, st.lists(st.integers(0, 15), min_size=1, max_size=5), st.sampled_from(["n0", "n3", "n5", "other"]))
def test_any_axis_is_either_closed_or_refused(specs, plan, numbers, name):
    nodes, edges = grown(plan)
    nodes = [
        type(node)(node.id, node.type, {"by": [name]} if node.type == "collect" else node.inputs)
        for node in closing(nodes, edges, numbers)
    ]
    graph = Graph(specs)
    try:
        graph.extend(nodes, edges)
    except (errors.UnknownAxis, errors.AxisInUse):
        assert dict(graph.axes) == {}
        return
    for axes in graph.axes.values():
        assert all(set(graph.axes[axis]) <= set(axes) for axis in axes)


def test_057_axes_of_lists_and_items_are_in_the_order_of_the_loops(bench, n):
    bench.grow(
        [n("i iterate", collection=[10, 20]), n("j iterate", collection=[1, 2], axis="y"),
         n("k iterate", collection=[5], axis="z"), n("a add"), n("b collect", by=["z"]), n("c collect", by=["z"])],
        "i.item > a.a", "k.item > a.b", "a.value > b.item", "j.item > c.item", "k.item > c.item",
        "b.collection > c.collection",
    ).run()  # fmt: skip
    assert bench.session.graph.axes["c"] == ("i", "j")
    assert bench.values("c", "collection") == [[15, 1, 5], [15, 2, 5], [25, 1, 5], [25, 2, 5]]


@pytest.mark.parametrize("by", [["x"], ["y"], ["x", "y"]])
def test_070_the_cost_of_lists_along_named_axes_is_linear_in_the_number_of_results(make_bench, n, count_calls, by):
    def calls_per_item(side):
        bench = make_bench()
        bench.grow(
            [n("i iterate", collection=list(range(side)), axis="x"),
             n("j iterate", collection=list(range(side)), axis="y"), n("a add"), n("c collect", by=by, holes=True)],
            "i.item > a.a", "j.item > a.b", "a.value > c.item",
        )  # fmt: skip
        calls = count_calls(bench.run)
        assert sum(map(len, bench.values("c", "collection"))) == side * side
        return calls / side**2

    calls_per_item(2)
    assert calls_per_item(40) <= 1.1 * calls_per_item(10)
