"""Behaviors 51 to 71: the results of `iterate` and `collect` nodes."""

from __future__ import annotations


def test_051_a_node_after_iterate_runs_once_for_each_item(bench, n):
    bench.grow(
        [n("u upto", n=4), n("i iterate"), n("m mul", b=10)], "u.collection > i.collection", "i.item > m.a"
    ).run()
    assert [label for label in bench.ran() if label.startswith("m")] == ["m(0)", "m(1)", "m(2)", "m(3)"]


def test_052_collect_gathers_items_into_a_list(bench, n):
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


def test_056_collected_lists_are_in_the_order_of_the_items(bench, n):
    bench.grow(
        [n("i iterate", collection=[3, 1, 2]), n("a add"), n("b number", value=9), n("c collect")],
        "b.value > c.item", "i.item > a.a", "a.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[9, 3, 1, 2]]


def nest(n, rows):
    """Return the nodes and edges of two nested loops: over rows, and over the numbers in each row."""
    return (
        [n("t table", rows=rows), n("i iterate"), n("j iterate"), n("a add", b=1)],
        "t.collection > i.collection", "i.item > j.collection", "j.item > a.a",
    )  # fmt: skip


def test_057_results_of_nested_loops_are_in_the_lexicographic_order_of_their_iteration_paths(bench, n):
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


def test_060_a_collector_in_an_outer_loop_gathers_only_the_items_of_that_loop(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow([*nodes, n("c collect")], *edges, "a.value > c.item").run()
    assert bench.values("c", "collection") == [[2, 3], [4]]
    assert bench.session.paths("c") == [(0,), (1,)]


def test_061_a_collector_gathers_the_other_items_if_an_inner_list_is_empty(bench, n):
    nodes, *edges = nest(n, [[1], [], [2, 3]])
    bench.grow([*nodes, n("c collect"), n("s total")], *edges, "a.value > c.item", "c.collection > s.values").run()
    assert bench.values("c", "collection") == [[2], [], [3, 4]]
    assert bench.values("s") == [2, 0, 7]


def test_062_collectors_return_empty_lists_if_all_inner_lists_or_the_outer_list_are_empty(bench, n):
    nodes, *edges = nest(n, [[], []])
    bench.grow([*nodes, n("c collect"), n("d collect")], *edges, "a.value > c.item", "c.collection > d.item").run()
    assert bench.values("d", "collection") == [[[], []]]
    nodes, *edges = nest(lambda text, **inputs: n(f"x{text}", **inputs), [])
    edges = ["x" + text.replace("> ", "> x") for text in edges]
    bench.grow(
        [*nodes, n("xc collect"), n("xd collect")], *edges, "xa.value > xc.item", "xc.collection > xd.item"
    ).run()
    assert bench.values("xd", "collection") == [[]]


def test_063_each_nested_collector_removes_one_loop_level(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3, 4]])
    bench.grow([*nodes, n("c collect"), n("d collect")], *edges, "a.value > c.item", "c.collection > d.item").run()
    assert bench.values("d", "collection") == [[[2, 3], [4, 5]]]


def test_064_three_collectors_in_nested_loops_return_lists_nested_three_levels_deep(bench, n):
    bench.grow(
        [n("i iterate", collection=[[[1], [2, 3]], [[4]]]), n("j iterate"), n("k iterate"), n("a add"), n("c collect"),
         n("d collect"), n("f collect")],
        "i.item > j.collection", "j.item > k.collection", "k.item > a.a", "a.value > c.item", "c.collection > d.item",
        "d.collection > f.item",
    ).run()  # fmt: skip
    assert bench.values("f", "collection") == [[[[1], [2, 3]], [[4]]]]


def test_065_nested_lists_of_different_lengths_keep_their_lengths(bench, n):
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


def test_067_parents_at_different_loop_depths_are_matched_by_iteration_path(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow([*nodes, n("s total"), n("b add")], *edges, "i.item > s.values", "s.value > b.a", "j.item > b.b").run()
    assert bench.values("b") == [3 + 1, 3 + 2, 3 + 3]


def test_068_independent_loops_run_for_every_combination_of_items(bench, n):
    bench.grow(
        [n("i iterate", collection=[10, 20]), n("j iterate", collection=[1, 2, 3]), n("a add"), n("c collect"),
         n("d collect")],
        "j.item > a.b", "i.item > a.a", "a.value > c.item", "c.collection > d.item",
    ).run()  # fmt: skip
    assert bench.values("a") == [11, 12, 13, 21, 22, 23]
    assert bench.values("d", "collection") == [[[11, 12, 13], [21, 22, 23]]]


def test_069_two_branches_of_one_loop_are_joined_item_by_item(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2, 3]), n("a add", b=1), n("m mul", b=10), n("s add")],
        "i.item > a.a", "i.item > m.a", "a.value > s.a", "m.value > s.b",
    ).run()  # fmt: skip
    assert bench.values("s") == [12, 23, 34]


def test_070_the_cost_of_expanding_loops_is_linear_in_the_number_of_results(make_bench, n, count_calls):
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


def test_071_each_result_is_found_by_its_iteration_path(bench, n):
    nodes, *edges = nest(n, [[1, 2], [3]])
    bench.grow(nodes, *edges).run()
    assert bench.session.results["a", (0, 1)] == {"value": 3}
    assert bench.session.results["a", (1, 0)] == {"value": 4}
    assert ("a", (1, 1)) not in bench.session.results
