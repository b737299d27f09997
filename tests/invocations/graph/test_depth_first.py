"""Behavior 55: all work with one model is done before another model is used, and a loop runs item by item."""

from __future__ import annotations

from tests.invocations.sessions.killed import InlineRunner


def test_055_all_nodes_run_for_one_item_before_the_next_item_begins(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2, 3]), n("a add", b=1), n("b mul", b=2), n("c collect"), n("s total")],
        "i.item > a.a", "a.value > b.a", "b.value > c.item", "c.collection > s.values",
    ).run()  # fmt: skip
    assert bench.ran() == [
        "i(0)", "i(1)", "i(2)", "a(0)", "b(0)", "a(1)", "b(1)", "a(2)", "b(2)", "c", "s",
    ]  # fmt: skip
    assert bench.values("s") == [18]


def test_055_all_work_with_one_model_is_done_before_another_model_is_used(bench, n):
    bench.grow(
        [n("x model", name="x"), n("y model", name="y"), n("s iterate", collection=[7, 8]), n("l collect"),
         n("m iterate"), n("p paint"), n("d develop"), n("k keep")],
        "x.model > l.item", "y.model > l.item", "l.collection > m.collection", "s.item > p.a", "m.item > p.model",
        "m.item > d.model", "p.latents > d.latents", "d.image > k.image",
    ).run()  # fmt: skip
    assert [each for each in bench.ran() if each[0] in "pdk"] == [
        "p(0,0)", "d(0,0)", "k(0,0)", "p(1,0)", "d(1,0)", "k(1,0)",
        "p(0,1)", "d(0,1)", "k(0,1)", "p(1,1)", "d(1,1)", "k(1,1)",
    ]  # fmt: skip
    assert [image.name for image in bench.values("k", "image")] == [
        f"picture of hash-of-{model}-{number}" for number in (7, 8) for model in "xy"
    ]


def test_an_inner_loop_is_finished_before_the_next_item_of_the_outer_loop(bench, n):
    bench.grow(
        [n("i iterate", collection=[2, 0, 1]), n("u upto"), n("j iterate"), n("a add"), n("c collect"), n("s total")],
        "i.item > u.n", "u.collection > j.collection", "j.item > a.a", "a.value > c.item", "c.collection > s.values",
    ).run()  # fmt: skip
    assert [each for each in bench.ran() if each[0] in "uas"] == [
        "u(0)", "a(0,0)", "a(0,1)", "s(0)", "u(1)", "u(2)", "a(2,0)", "s(1)", "s(2)",
    ]  # fmt: skip
    assert bench.values("s") == [1, 0, 0]


def test_a_node_outside_a_loop_runs_as_soon_as_the_first_item_needs_it(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2]), n("a add", b=1), n("k number", value=5), n("b add"),
         n("z number", value=1)],
        "i.item > a.a", "a.value > b.a", "k.value > b.b",
    ).run()  # fmt: skip
    assert bench.ran()[2:] == ["a(0)", "k", "b(0)", "a(1)", "b(1)", "z"]


def test_nodes_that_use_an_item_of_the_outer_loop_run_before_the_next_item(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2]), n("a add", b=1), n("j iterate", collection=[10, 20]), n("m mul"),
         n("b add"), n("c add")],
        "i.item > a.a", "j.item > m.a", "a.value > b.a", "m.value > b.b", "b.value > c.a",
    ).run()  # fmt: skip
    assert [each for each in bench.ran() if each[0] in "ambc"] == [
        "a(0)", "m(0)", "b(0,0)", "c(0,0)", "m(1)", "b(0,1)", "c(0,1)", "a(1)", "b(1,0)", "c(1,0)", "b(1,1)", "c(1,1)",
    ]  # fmt: skip


def test_a_chosen_branch_runs_to_its_end_before_the_next_item_begins(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 2, 3]), n("l less", b=2), n("m mul", b=7), n("k add", b=1), n("f if"),
         n("z add")],
        "i.item > l.a", "l.holds > f.condition", "i.item > m.a", "i.item > k.a", "m.value > f.then",
        "k.value > f.otherwise", "f.value > z.a",
    ).run()  # fmt: skip
    assert [each for each in bench.ran() if each[0] in "lmkz"] == [
        "l(0)", "l(1)", "l(2)", "m(0)", "z(0)", "k(1)", "z(1)", "k(2)", "z(2)",
    ]  # fmt: skip
    assert bench.values("z") == [7, 3, 4]
    assert set(bench.skipped()) == {"k(0)", "m(1)", "m(2)"}


def test_a_stopped_loop_resumes_with_the_item_that_was_running(make_bench, n):
    bench = make_bench(runner=InlineRunner())
    bench.grow(
        [n("i iterate", collection=[1, 2, 3]), n("a add", b=1), n("b mul", b=2), n("c add")],
        "i.item > a.a", "a.value > b.a", "b.value > c.a",
    )  # fmt: skip
    run = bench.invoker.run(bench.session.id)
    for event in run:
        if event.event == "node_finished" and (event.node_id, event.path) == ("b", (1,)):
            run.cancel()
    assert bench.reopen().run().ran() == ["c(1)", "a(2)", "b(2)", "c(2)"]
    assert bench.values("c") == [4, 6, 8]


def test_a_failed_item_does_not_delay_the_completion_of_the_next_item(bench, n):
    bench.grow(
        [n("i iterate", collection=[13, 1, 2]), n("p picky"), n("a add", b=1)], "i.item > p.a", "p.value > a.a"
    ).run()
    assert (bench.failed(), list(bench.skipped())) == (["p(0)"], ["a(0)"])
    assert bench.ran()[3:] == ["p(1)", "a(1)", "p(2)", "a(2)"]


def test_the_time_for_nested_loops_is_linear_in_the_number_of_results(make_bench, n, count_calls):
    def calls_per_item(count):
        bench = make_bench()
        bench.grow(
            [n("i iterate", collection=[10] * count), n("u upto"), n("j iterate"), n("a add"), n("c collect"),
             n("s total"), n("b add")],
            "i.item > u.n", "u.collection > j.collection", "j.item > a.a", "a.value > c.item",
            "c.collection > s.values", "s.value > b.a", "i.item > b.b",
        )  # fmt: skip
        calls = count_calls(bench.run)
        assert bench.values("b") == [55] * count
        return calls / count

    calls_per_item(1)
    assert calls_per_item(200) <= 1.05 * calls_per_item(20)


def seeds_and_radii(n, by):
    """Return two loops, `s` over three seeds and `r` over two radii, and a list of results along the axes in `by`."""
    return (
        [n("s iterate", collection=[10, 20, 30], axis="seed"), n("r iterate", collection=[1, 2], axis="radius"),
         n("t mul"), n("b add"), n("c collect", by=by), n("x total"), n("z add")],
        "s.item > t.a", "t.value > b.a", "r.item > b.b", "b.value > c.item", "c.collection > x.values", "x.value > z.a",
    )  # fmt: skip


def test_055_a_list_along_the_inner_axis_is_used_before_the_next_item_of_the_outer_axis(bench, n):
    nodes, *edges = seeds_and_radii(n, ["radius"])
    bench.grow(nodes, *edges).run()
    assert [each for each in bench.ran() if each[0] in "tbxz"] == [
        "t(0)", "b(0,0)", "b(0,1)", "x(0)", "z(0)", "t(1)", "b(1,0)", "b(1,1)", "x(1)", "z(1)",
        "t(2)", "b(2,0)", "b(2,1)", "x(2)", "z(2)",
    ]  # fmt: skip
    assert bench.values("z") == [23, 43, 63]


def test_055_a_list_along_the_outer_axis_is_used_before_the_next_item_of_the_inner_axis(bench, n):
    nodes, *edges = seeds_and_radii(n, ["seed"])
    bench.grow(nodes, *edges).run()
    assert [each for each in bench.ran() if each[0] in "tbxz"] == [
        "t(0)", "b(0,0)", "t(1)", "b(1,0)", "t(2)", "b(2,0)", "x(0)", "z(0)",
        "b(0,1)", "b(1,1)", "b(2,1)", "x(1)", "z(1)",
    ]  # fmt: skip
    assert bench.values("c", "collection") == [[11, 21, 31], [12, 22, 32]]
    assert bench.values("z") == [63, 66]


def test_055_items_of_several_axes_run_to_their_end_one_by_one_before_all_are_collected(bench, n):
    nodes, *edges = seeds_and_radii(n, ["seed", "radius"])
    bench.grow([*nodes, n("k add")], *edges, "b.value > k.a").run()
    assert [each for each in bench.ran() if each[0] in "tbkx"] == [
        "t(0)", "b(0,0)", "k(0,0)", "b(0,1)", "k(0,1)", "t(1)", "b(1,0)", "k(1,0)", "b(1,1)", "k(1,1)",
        "t(2)", "b(2,0)", "k(2,0)", "b(2,1)", "k(2,1)", "x",
    ]  # fmt: skip
    assert bench.values("c", "collection") == [[11, 12, 21, 22, 31, 32]]


def test_055_if_models_are_an_axis_all_items_of_one_model_are_finished_before_the_next_model(bench, n):
    bench.grow(
        [n("x model", name="x"), n("y model", name="y"), n("s iterate", collection=[7, 8], axis="seed"), n("l collect"),
         n("m iterate", axis="model"), n("p paint"), n("d develop"), n("c collect", by=["model"])],
        "x.model > l.item", "y.model > l.item", "l.collection > m.collection", "s.item > p.a", "m.item > p.model",
        "m.item > d.model", "p.latents > d.latents", "d.image > c.item",
    ).run()  # fmt: skip
    assert [each for each in bench.ran() if each[0] in "pdc"] == [
        "p(0,0)", "d(0,0)", "p(1,0)", "d(1,0)", "p(0,1)", "d(0,1)", "c(0)", "p(1,1)", "d(1,1)", "c(1)",
    ]  # fmt: skip
