"""Behaviours 33 to 47 and 51 to 71: iterate and collect, their links and results."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.spec import FieldType

INT = FieldType("int")


def ints(kind=INT):
    return FieldType("list", args=(kind,))


def test_033_collect_takes_many_items(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("b number", value=2), n("c collect")],
        [e("a.value > c.item"), e("b.value > c.item"), e("a.value > c.item")],
    )
    assert len(graph.incoming("c")) == 3


def test_034_the_items_have_one_type(graph, n, e):
    with pytest.raises(errors.TypeMismatch) as caught:
        graph.extend(
            [n("a number", value=1), n("b word", text=""), n("c collect")],
            [e("a.value > c.item"), e("b.text > c.item")],
        )
    assert (caught.value.node, caught.value.field) == ("c", "item")
    assert str(caught.value) == "`c` (collect) gets int and text, which must be the same type"


def test_035_the_list_fits_a_list_input_of_their_type(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("c collect"), n("t total")], [e("a.value > c.item"), e("c.collection > t.values")]
    )
    assert graph.type_of("c", "collection") == ints()


def test_036_the_list_does_not_fit_a_list_input_of_another_type(graph, n, e):
    nodes = [n("a number", value=1), n("c collect"), n("s sentence")]
    with pytest.raises(errors.TypeMismatch):
        graph.extend(nodes, [e("a.value > c.item"), e("c.collection > s.words")])
    graph.extend(nodes, [e("c.collection > s.words")])
    with pytest.raises(errors.TypeMismatch):
        graph.add_edge(e("a.value > c.item"))
    assert graph.incoming("c") == []


def test_037_a_type_is_preserved_by_collect_and_iterate(graph, n, e):
    graph.extend(
        [n("a number", value=1), n("c collect"), n("i iterate"), n("b add"), n("w word", text=""), n("s sentence")],
        [e("a.value > c.item"), e("c.collection > i.collection"), e("i.item > b.a")],
    )
    assert graph.type_of("i", "item") == INT
    with pytest.raises(errors.TypeMismatch):
        graph.extend([n("s2 sentence"), n("c2 collect")], [e("i.item > c2.item"), e("c2.collection > s2.words")])


def test_038_collectors_chain(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("d collect")],
        "a.value > c.item", "c.collection > d.collection", "b.value > d.item",
    ).run()  # fmt: skip
    assert bench.values("d", "collection") == [[1, 2]]


def test_039_the_earlier_list_comes_first(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("d collect"), n("f collect")],
        "b.value > d.item", "a.value > c.item", "c.collection > d.collection", "a.value > f.item",
        "d.collection > f.collection",
    ).run()  # fmt: skip
    assert bench.values("f", "collection") == [[1, 2, 1]]


def test_040_iterate_takes_one_list(bench, n):
    bench.grow(
        [n("u upto", n=3), n("i iterate"), n("m mul", b=10)], "u.collection > i.collection", "i.item > m.a"
    ).run()
    assert bench.values("m") == [0, 10, 20]


def test_041_it_feeds_items_of_the_lists_type(graph, n, e):
    with pytest.raises(errors.TypeMismatch):
        graph.extend(
            [n("u upto", n=3), n("i iterate"), n("s sentence")],
            [e("u.collection > i.collection"), e("i.item > s.words")],
        )
    graph.extend(
        [n("t table", rows=[[1]]), n("i iterate"), n("s total")],
        [e("t.collection > i.collection"), e("i.item > s.values")],
    )
    assert graph.type_of("i", "item") == ints()


def test_042_iterate_refuses_a_scalar(graph, n, e):
    with pytest.raises(errors.TypeMismatch) as caught:
        graph.extend([n("a number", value=1), n("i iterate")], [e("a.value > i.collection")])
    assert (caught.value.node, caught.value.field) == ("i", "collection")


def test_043_iterate_refuses_a_second_list(graph, n, e):
    nodes = [n("u upto", n=3), n("v upto", n=3), n("i iterate")]
    with pytest.raises(errors.InputTaken) as caught:
        graph.extend(nodes, [e("u.collection > i.collection"), e("v.collection > i.collection")])
    assert (caught.value.node, caught.value.field) == ("i", "collection")


def test_044_iterate_takes_a_collectors_list(bench, n):
    bench.grow(
        [n("a number", value=1), n("b number", value=2), n("c collect"), n("i iterate"), n("m mul", b=10)],
        "a.value > c.item", "b.value > c.item", "c.collection > i.collection", "i.item > m.a",
    ).run()  # fmt: skip
    assert bench.values("m") == [10, 20]


def test_045_either_without_input_is_a_named_error(bench, make, n):
    for kind, error in (("iterate", errors.IterateWithoutInput), ("collect", errors.CollectWithoutInput)):
        with pytest.raises(error) as caught:
            bench.grow([n(f"x {kind}")])
        assert caught.value.node == "x"
        assert isinstance(caught.value, errors.MissingInput)
    assert len(bench.session.graph) == 0


def test_046_parents_may_be_at_different_depths(bench, n):
    bench.grow(
        [n("k number", value=100), n("u upto", n=2), n("i iterate"), n("v upto", n=2), n("j iterate"), n("a add"),
         n("b add")],
        "u.collection > i.collection", "v.collection > j.collection", "i.item > a.a", "j.item > a.b", "a.value > b.a",
        "k.value > b.b",
    ).run()  # fmt: skip
    assert bench.values("b") == [100, 101, 101, 102]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_047_loops_chain_also_side_by_side_also_empty(bench, n, count):
    bench.grow(
        [n("u upto", n=count), n("i iterate"), n("m mul", b=2), n("c collect"), n("j iterate"), n("p add", b=1),
         n("d collect"), n("q mul", b=3), n("f collect"), n("t total"), n("v total")],
        "u.collection > i.collection", "i.item > m.a", "m.value > c.item", "c.collection > j.collection",
        "j.item > p.a", "p.value > d.item", "j.item > q.a", "q.value > f.item", "d.collection > t.values",
        "f.collection > v.values",
    ).run()  # fmt: skip
    doubled = [2 * number for number in range(count)]
    assert bench.values("d", "collection") == [[number + 1 for number in doubled]]
    assert bench.values("f", "collection") == [[number * 3 for number in doubled]]
    assert bench.values("t") == [sum(number + 1 for number in doubled)]


def test_051_what_follows_iterate_runs_once_for_each_item(bench, n):
    bench.grow(
        [n("u upto", n=4), n("i iterate"), n("m mul", b=10)], "u.collection > i.collection", "i.item > m.a"
    ).run()
    assert [label for label in bench.ran() if label.startswith("m")] == ["m(0)", "m(1)", "m(2)", "m(3)"]


def test_052_collect_gathers(bench, n):
    bench.grow(
        [n("u upto", n=4), n("i iterate"), n("m mul", b=10), n("c collect")],
        "u.collection > i.collection", "i.item > m.a", "m.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[0, 10, 20, 30]]
    assert bench.session.paths("c") == [()]


def test_053_a_node_outside_the_loop_runs_once(bench, n):
    bench.grow(
        [n("k number", value=5), n("u upto", n=3), n("i iterate"), n("a add")],
        "u.collection > i.collection", "i.item > a.a", "k.value > a.b",
    ).run()  # fmt: skip
    assert bench.ran().count("k") == 1
    assert bench.values("a") == [5, 6, 7]


def test_054_iterate_takes_a_written_list(bench, n):
    bench.grow([n("i iterate", collection=[7, 8]), n("a add", b=1)], "i.item > a.a").run()
    assert bench.values("a") == [8, 9]


def test_056_lists_are_in_the_order_of_the_items(bench, n):
    bench.grow(
        [n("i iterate", collection=[3, 1, 2]), n("a add"), n("b number", value=9), n("c collect")],
        "b.value > c.item", "i.item > a.a", "a.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[9, 3, 1, 2]]


def nest(n, rows):
    """Return nodes and edges of two loops, one in the other: rows, then the numbers of a row."""
    return (
        [n("t table", rows=rows), n("i iterate"), n("j iterate"), n("a add", b=1)],
        "t.collection > i.collection", "i.item > j.collection", "j.item > a.a",
    )  # fmt: skip


def test_057_nested_loops_are_in_lexical_order(bench, n):
    nodes, *edges = nest(n, [[3, 1], [2]])
    bench.grow(nodes, *edges).run()
    assert bench.values("a") == [4, 2, 3]
    assert bench.session.paths("a") == [(0, 0), (0, 1), (1, 0)]


def test_058_an_empty_list_results_in_an_empty_list(bench, n):
    bench.grow(
        [n("u upto", n=0), n("i iterate"), n("a add"), n("c collect"), n("t total")],
        "u.collection > i.collection", "i.item > a.a", "a.value > c.item", "c.collection > t.values",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[]]
    assert bench.values("t") == [0]
    assert bench.events[-1].event == "session_finished"


def test_059_nothing_inside_an_empty_loop_runs(bench, n):
    bench.grow(
        [n("u upto", n=0), n("i iterate"), n("a add"), n("b add")],
        "u.collection > i.collection", "i.item > a.a", "a.value > b.a",
    ).run()  # fmt: skip
    assert bench.ran() == ["u"]
    assert bench.skipped() == {}
    assert bench.session.paths("b") == []


def test_060_a_collector_in_an_outer_loop_gathers_that_loops_items_only(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow([*nodes, n("c collect")], *edges, "a.value > c.item").run()
    assert bench.values("c", "collection") == [[2, 3], [4]]
    assert bench.session.paths("c") == [(0,), (1,)]


def test_061_also_if_one_of_them_is_empty(bench, n):
    nodes, *edges = nest(n, [[1], [], [2, 3]])
    bench.grow([*nodes, n("c collect"), n("s total")], *edges, "a.value > c.item", "c.collection > s.values").run()
    assert bench.values("c", "collection") == [[2], [], [3, 4]]
    assert bench.values("s") == [2, 0, 7]


def test_062_also_if_all_of_them_are_empty_or_there_is_none(bench, n):
    nodes, *edges = nest(n, [[], []])
    bench.grow([*nodes, n("c collect"), n("d collect")], *edges, "a.value > c.item", "c.collection > d.item").run()
    assert bench.values("d", "collection") == [[[], []]]
    nodes, *edges = nest(lambda text, **inputs: n(f"x{text}", **inputs), [])
    edges = ["x" + text.replace("> ", "> x") for text in edges]
    bench.grow(
        [*nodes, n("xc collect"), n("xd collect")], *edges, "xa.value > xc.item", "xc.collection > xd.item"
    ).run()
    assert bench.values("xd", "collection") == [[]]


def test_063_nested_collectors_peel_one_level_each(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3, 4]])
    bench.grow([*nodes, n("c collect"), n("d collect")], *edges, "a.value > c.item", "c.collection > d.item").run()
    assert bench.values("d", "collection") == [[[2, 3], [4, 5]]]


def test_064_three_levels_peel_to_three(bench, n):
    bench.grow(
        [n("i iterate", collection=[[[1], [2, 3]], [[4]]]), n("j iterate"), n("k iterate"), n("a add"), n("c collect"),
         n("d collect"), n("f collect")],
        "i.item > j.collection", "j.item > k.collection", "k.item > a.a", "a.value > c.item", "c.collection > d.item",
        "d.collection > f.item",
    ).run()  # fmt: skip
    assert bench.values("f", "collection") == [[[[1], [2, 3]], [[4]]]]


def test_065_ragged_lists_stay_ragged(bench, n):
    nodes, *edges = nest(n, [[], [1, 2, 3], [4]])
    bench.grow([*nodes, n("c collect"), n("d collect")], *edges, "a.value > c.item", "c.collection > d.item").run()
    assert bench.values("d", "collection") == [[[], [2, 3, 4], [5]]]


def test_066_items_of_mixed_depth_are_gathered_in_the_order_of_their_links(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow(
        [*nodes, n("k number", value=100), n("s total"), n("c collect")], *edges, "i.item > s.values",
        "k.value > c.item", "s.value > c.item", "a.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[100, 3, 2, 3], [100, 3, 4]]


def test_067_parents_at_different_depths_are_matched_by_path(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow([*nodes, n("s total"), n("b add")], *edges, "i.item > s.values", "s.value > b.a", "j.item > b.b").run()
    assert bench.values("b") == [3 + 1, 3 + 2, 3 + 3]


def test_068_independent_loops_form_a_product(bench, n):
    bench.grow(
        [n("i iterate", collection=[10, 20]), n("j iterate", collection=[1, 2, 3]), n("a add"), n("c collect"),
         n("d collect")],
        "j.item > a.b", "i.item > a.a", "a.value > c.item", "c.collection > d.item",
    ).run()  # fmt: skip
    assert bench.values("a") == [11, 12, 13, 21, 22, 23]
    assert bench.values("d", "collection") == [[[11, 12, 13], [21, 22, 23]]]


def test_069_a_diamond_over_one_loop_pairs_item_with_item(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2, 3]), n("a add", b=1), n("m mul", b=10), n("s add")],
        "i.item > a.a", "i.item > m.a", "a.value > s.a", "m.value > s.b",
    ).run()  # fmt: skip
    assert bench.values("s") == [12, 23, 34]


def test_070_the_expansion_is_linear_in_the_results(make_bench, n, count_calls):
    def calls_per_item(count):
        bench = make_bench()
        bench.grow(
            [n("i iterate", collection=list(range(count))), n("a add", b=1), n("b mul"), n("s add"), n("c collect")],
            "i.item > a.a", "i.item > b.a", "a.value > s.a", "b.value > s.b", "s.value > c.item",
        )  # fmt: skip
        calls = count_calls(bench.run)
        assert len(bench.values("c", "collection")[0]) == count
        return calls / count

    calls_per_item(1)
    assert calls_per_item(2000) <= 1.02 * calls_per_item(200)


def test_071_each_result_is_found_by_its_path(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow(nodes, *edges).run()
    assert bench.session.results["a", (0, 1)] == {"value": 3}
    assert bench.session.results["a", (1, 0)] == {"value": 4}
    assert ("a", (1, 1)) not in bench.session.results
