"""Behaviors 53a and 93a: `collect --holes` keeps the places of items that failed, and `retry` fills them."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invocations import errors
from invocations.graph.compatible import ANY, NONE, accepts_holes, fits, with_holes, without_holes
from invocations.graph.document import read_graph
from invocations.spec import FieldType
from tests.invocations.bench import edge
from tests.invocations.kitchen_faults import Picky
from tests.invocations.sessions.killed import InlineRunner, Killed, MortalStore

INT = FieldType("int")
AGAIN = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def swept(n, items=(1, 13, 3)):
    """Return a loop whose item 13 fails, a collector that keeps holes, and nodes that use the collected list."""
    return (
        [n("i iterate", collection=list(items), axis="x"), n("p picky"), n("q add", b=1),
         n("c collect", by=["x"], holes=True), n("s sheet"), n("z anything")],
        "i.item > p.a", "p.value > q.a", "q.value > c.item", "c.collection > s.values", "s.text > z.a",
    )  # fmt: skip


def sheets(n, by):
    """Return two independent loops in which the sum 13 fails, and a list along one axis for each item of the other."""
    return (
        [n("i iterate", collection=[0, 10, 20], axis="tens"), n("j iterate", collection=[1, 3], axis="ones"),
         n("a add"), n("p picky"), n("c collect", by=[by], holes=True), n("s sheet")],
        "i.item > a.a", "j.item > a.b", "a.value > p.a", "p.value > c.item", "c.collection > s.values",
    )  # fmt: skip


def test_035_the_type_of_a_list_with_holes_fits_only_lists_of_optional_items():
    several, holed = FieldType("list", args=(INT,)), with_holes(FieldType("list", args=(INT,)))
    assert (str(holed), holed.args[0].args, without_holes(holed)) == ("list of int", (INT, NONE), several)
    assert fits(several, holed)
    assert not fits(holed, several)
    assert not fits(holed, FieldType("union", args=(INT, several)))
    assert fits(holed, FieldType("list", args=(ANY,)))
    assert [accepts_holes(kind) for kind in (several, holed, FieldType("list", args=(ANY,)), ANY)] == [
        False, True, False, False,
    ]  # fmt: skip
    assert accepts_holes(FieldType("union", args=(holed, NONE)))
    assert with_holes(holed) == holed


def test_036_an_input_that_needs_every_item_refuses_a_list_with_holes(graph, n, specs):
    graph.extend([n("i iterate", collection=[1]), n("c collect", holes=True)], [edge("i.item > c.item")])
    for target in ("values", "sheet"):
        assert graph.type_of("c", "collection") == with_holes(FieldType("list", args=(INT,))), target
    with pytest.raises(errors.TypeMismatch) as caught:
        graph.extend([n("t total")], [edge("c.collection > t.values")])
    assert caught.value.message == "items of `c.collection` may be missing, but `t.values` needs all"
    graph.extend([n("s sheet")], [edge("c.collection > s.values")])
    assert read_graph(json.dumps(graph.to_json()), specs) == graph


def test_053a_a_failed_item_leaves_a_hole_in_its_place(any_bench, n):
    nodes, *edges = swept(n)
    any_bench.grow(nodes, *edges).run()
    assert (any_bench.failed(), set(any_bench.skipped())) == (["p(1)"], {"q(1)"})
    assert any_bench.events[-1].event == "session_failed"
    for _ in range(2):
        assert any_bench.values("c", "collection") == [[2, None, 4]]
        assert any_bench.values("z", "text") == ["2 - 4"]
        any_bench.reopen()
    assert any_bench.session.lines[0].outcome == "failed"


def test_053a_a_list_without_failed_items_has_no_holes(any_bench, n):
    nodes, *edges = swept(n, (1, 2))
    any_bench.grow(nodes, *edges).run()
    assert any_bench.values("z", "text") == ["2 3"]
    assert any_bench.events[-1].event == "session_finished"


@pytest.mark.parametrize("items", [(13,), (13, 13)])
def test_053a_a_collector_is_not_run_if_all_its_items_failed(bench, n, items):
    nodes, *edges = swept(n, items)
    bench.grow(nodes, *edges).run()
    assert bench.skipped()["c"] == "it needs `q`, which failed or did not run"
    assert bench.values("c", "collection") == []


def test_053a_an_empty_loop_results_in_an_empty_list(bench, n):
    nodes, *edges = swept(n, ())
    bench.grow(nodes, *edges).run()
    assert bench.values("c", "collection") == [[]]


def test_053a_a_collector_that_does_not_keep_holes_is_not_run_if_an_item_failed(bench, n):
    nodes, *edges = swept(n)
    nodes[3] = n("c collect", by=["x"])
    bench.grow(nodes, *edges).run()
    assert set(bench.skipped()) == {"q(1)", "c", "s", "z"}


def test_053a_a_list_whose_length_is_not_known_blocks_the_collector(bench, n):
    bench.grow(
        [n("i iterate", collection=[2, 13], axis="x"), n("p picky"), n("u upto"), n("j iterate", axis="y"),
         n("c collect", by=["x", "y"], holes=True), n("d collect", by=["y"], holes=True)],
        "i.item > p.a", "p.value > u.n", "u.collection > j.collection", "j.item > c.item", "j.item > d.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == []
    assert bench.values("d", "collection") == [[0, 1]]
    assert set(bench.skipped()) == {"u(1)", "j(1)", "c", "d(1)"}


def test_053a_a_missing_earlier_list_blocks_the_collector(bench, n):
    bench.grow(
        [n("p picky", a=13), n("u upto"), n("k number", value=1), n("c collect", holes=True)],
        "p.value > u.n", "u.collection > c.collection", "k.value > c.item",
    ).run()  # fmt: skip
    assert set(bench.skipped()) == {"u", "c"}


def test_053a_a_missing_value_outside_loops_is_a_hole_too(bench, n):
    bench.grow(
        [n("p picky", a=13), n("k number", value=1), n("c collect", holes=True)], "p.value > c.item", "k.value > c.item"
    ).run()
    assert bench.values("c", "collection") == [[None, 1]]


@pytest.mark.parametrize(("by", "texts"), [("ones", ["1 3", "11 -", "21 23"]), ("tens", ["1 11 21", "3 - 23"])])
def test_053a_only_the_list_of_the_failed_item_has_a_hole(bench, n, by, texts):
    nodes, *edges = sheets(n, by)
    bench.grow(nodes, *edges).run()
    assert bench.values("s", "text") == texts
    assert bench.failed() == ["p(1,1)"]


def test_055_a_list_with_a_hole_is_used_before_the_next_item_of_the_outer_loop(bench, n):
    nodes, *edges = sheets(n, "ones")
    bench.grow(nodes, *edges).run()
    assert [each for each in bench.ran() if each[0] in "ps"] == [
        "p(0,0)", "p(0,1)", "s(0)", "p(1,0)", "s(1)", "p(2,0)", "p(2,1)", "s(2)",
    ]  # fmt: skip


def test_093a_retry_runs_the_failed_item_and_the_nodes_that_used_the_incomplete_list(any_bench, n, cure):
    nodes, *edges = swept(n)
    any_bench.grow([*nodes, n("o total"), n("d collect")], *edges, "i.item > d.item", "d.collection > o.values").run()
    assert any_bench.reopen().retry().failed() == ["p(1)"]
    assert any_bench.ran() == ["c", "s", "z"]
    assert any_bench.values("z", "text") == ["2 - 4"]
    cure()
    assert any_bench.reopen().retry().ran() == ["p(1)", "q(1)", "c", "s", "z"]
    assert any_bench.values("z", "text") == ["2 14 4"]
    assert any_bench.events[-1].event == "session_finished"
    assert any_bench.retry().ran() == []
    assert any_bench.reopen().run().ran() == []


@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("by", ["tens", "ones"])
def test_093a_retry_does_not_recompute_lists_without_a_hole(any_bench, n, cure, by, reopen):
    nodes, *edges = sheets(n, by)
    any_bench.grow(nodes, *edges).run()
    cure()
    if reopen:
        any_bench.reopen()
    assert any_bench.retry().ran() == ["p(1,1)", "c(1)", "s(1)"]
    assert any_bench.values("s", "text")[1] == {"tens": "3 13 23", "ones": "11 13"}[by]


def test_093a_retry_of_another_node_does_not_recompute_a_complete_list(bench, n):
    nodes, *edges = swept(n, (1, 2))
    bench.grow(nodes, *edges)
    bench.grow([n("bad picky", a=13)]).run()
    assert bench.retry().ran() == []
    assert bench.failed() == ["bad"]


@AGAIN
@given(st.integers(0, 40), st.booleans(), st.sampled_from(["tens", "ones"]), st.booleans())
def test_072_a_sweep_with_holes_survives_being_killed_at_any_log_entry(make_bench, n, left, after, by, retried):
    Picky.cured = False
    store = MortalStore()
    bench = make_bench(store=store, runner=InlineRunner())
    nodes, *edges = sheets(n, by)
    bench.grow(nodes, *edges)
    if retried:
        bench.run()
        Picky.cured = True
    store.left, store.after = left, after
    with suppress(Killed):
        list(bench.invoker.retry(bench.session.id) if retried else bench.invoker.run(bench.session.id))
    store.left = None
    bench.reopen()
    bench.invoker.resume(bench.session.id)
    Picky.cured = True
    bench.run()
    assert bench.values("s", "text") == {"ones": ["1 3", "11 13", "21 23"], "tens": ["1 11 21", "3 13 23"]}[by]
