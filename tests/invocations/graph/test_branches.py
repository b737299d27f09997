"""Behaviors 73 to 79: an `if` node runs only the chosen branch."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.events import NOT_CHOSEN


def choice(n, a):
    """Return an `if` node with two computed branches; the condition is true if `a` is below 10."""
    return (
        [n("a number", value=a), n("l less", b=10), n("y add", b=1), n("z mul", b=100), n("f if")],
        "a.value > l.a", "l.holds > f.condition", "a.value > y.a", "a.value > z.a", "y.value > f.then",
        "z.value > f.otherwise",
    )  # fmt: skip


@pytest.mark.parametrize(("a", "value"), [(3, 4), (30, 3000)])
def test_073_an_if_node_returns_the_chosen_value(bench, n, a, value):
    nodes, *edges = choice(n, a)
    bench.grow(nodes, *edges).run()
    assert bench.values("f") == [value]


@pytest.mark.parametrize(("a", "run", "left"), [(3, "y", "z"), (30, "z", "y")])
def test_074_only_the_chosen_branch_runs_and_the_other_is_recorded_as_skipped(bench, n, a, run, left):
    nodes, *edges = choice(n, a)
    bench.grow(
        [*nodes, n("p add"), n("q add")],
        *(text for text in edges if not text.endswith(("f.then", "f.otherwise"))),
        "y.value > p.a", "p.value > f.then", "z.value > q.a", "q.value > f.otherwise",
    ).run()  # fmt: skip
    longer = {"y": "p", "z": "q"}
    assert {run, longer[run]} <= set(bench.ran())
    assert bench.skipped() == {left: NOT_CHOSEN, longer[left]: NOT_CHOSEN}
    assert dict(bench.session.skipped) == {(left, ()): NOT_CHOSEN, (longer[left], ()): NOT_CHOSEN}
    assert bench.events[-1].event == "session_finished"


def test_075_nodes_shared_by_both_branches_or_needed_elsewhere_still_run(bench, n):
    bench.grow(
        [n("s number", value=5), n("o number", value=6), n("k number", value=7), n("y add"), n("z mul"),
         n("other add"), n("f if", condition=True)],
        "s.value > y.a", "s.value > z.a", "o.value > z.b", "o.value > other.a", "k.value > other.b",
        "y.value > f.then", "z.value > f.otherwise",
    ).run()  # fmt: skip
    assert set(bench.ran()) == {"s", "o", "k", "y", "other", "f"}
    assert bench.skipped() == {"z": NOT_CHOSEN}


@pytest.mark.parametrize(
    ("a", "b", "value", "skipped"),
    [(1, 1, 101, {"w", "z"}), (1, 50, 500, {"y", "z"}), (50, 1, 51, {"b", "g", "y", "w", "m"})],
)
def test_076_if_nodes_can_be_nested(bench, n, a, b, value, skipped):
    bench.grow(
        [n("a number", value=a), n("b number", value=b), n("l less", b=10), n("m less", b=10), n("y add", b=100),
         n("w mul", b=10), n("z add", b=1), n("g if"), n("f if")],
        "a.value > l.a", "b.value > m.a", "l.holds > f.condition", "m.holds > g.condition", "a.value > y.a",
        "b.value > w.a", "a.value > z.a", "y.value > g.then", "w.value > g.otherwise", "g.value > f.then",
        "z.value > f.otherwise",
    ).run()  # fmt: skip
    assert bench.values("f") == [value]
    assert set(bench.skipped()) == skipped


def test_077_an_if_node_in_a_loop_chooses_a_branch_for_each_item(bench, n):
    bench.grow(
        [n("i iterate", collection=[1, 20, 3]), n("l less", b=10), n("y add", b=1), n("z mul", b=100), n("f if"),
         n("c collect")],
        "i.item > l.a", "i.item > y.a", "i.item > z.a", "l.holds > f.condition", "y.value > f.then",
        "z.value > f.otherwise", "f.value > c.item",
    ).run()  # fmt: skip
    assert bench.values("c", "collection") == [[2, 2000, 4]]
    assert set(bench.skipped()) == {"z(0)", "y(1)", "z(2)"}


def test_078_skipped_nodes_survive_a_reload(any_bench, n):
    nodes, *edges = choice(n, 3)
    any_bench.grow(nodes, *edges).run()
    any_bench.reopen()
    assert dict(any_bench.session.skipped) == {("z", ()): NOT_CHOSEN}
    assert any_bench.values("f") == [4]
    assert any_bench.run().ran() == []


@pytest.mark.parametrize(("condition", "value"), [(True, 1), (False, 2)])
def test_079_an_if_node_with_only_written_inputs_returns_the_chosen_value(bench, n, condition, value):
    bench.grow([n("f if", condition=condition, then=1, otherwise=2), n("a add")], "f.value > a.a").run()
    assert bench.values("a") == [value]


def test_an_if_node_whose_branches_have_different_types_is_refused(bench, n):
    with pytest.raises(errors.TypeMismatch):
        bench.grow([n("f if", condition=True, then=1, otherwise="x")])


def test_a_condition_may_depend_on_a_node_that_a_branch_needs(bench, n):
    bench.grow(
        [n("a number", value=3), n("x add", b=1), n("l less", b=10), n("g if", otherwise=0), n("o number", value=1),
         n("k less", b=5), n("f if", otherwise=0)],
        "a.value > x.a", "x.value > l.a", "l.holds > g.condition", "x.value > g.then", "o.value > k.a",
        "k.holds > f.condition", "g.value > f.then",
    ).run()  # fmt: skip
    assert bench.values("f") == [4]


def test_a_node_in_branches_of_two_if_nodes_runs_if_either_branch_is_chosen(make_bench, n):
    for first, second in ((False, False), (True, False), (False, True)):
        bench = make_bench().grow(
            [n("a number", value=3), n("f if", condition=first, otherwise=0),
             n("g if", condition=second, otherwise=0)],
            "a.value > f.then", "a.value > g.then",
        ).run()  # fmt: skip
        assert bench.values("a") == ([3] if first or second else [])


def test_a_loop_in_a_branch_that_is_not_chosen_does_not_run(make_bench, n):
    for condition, value in ((True, 3), (False, 9)):
        bench = make_bench().grow(
            [n("u upto", n=3), n("i iterate"), n("a mul"), n("c collect"), n("t total"),
             n("f if", condition=condition, otherwise=9)],
            "u.collection > i.collection", "i.item > a.a", "a.value > c.item", "c.collection > t.values",
            "t.value > f.then",
        ).run()  # fmt: skip
        assert bench.values("f") == [value]
        assert ("a(0)" in bench.ran()) is condition
        assert ("u" in bench.skipped()) is not condition


def test_a_skipped_node_runs_if_a_later_line_needs_it(any_bench, n):
    nodes, *edges = choice(n, 3)
    any_bench.grow(nodes, *edges).run()
    assert any_bench.skipped() == {"z": NOT_CHOSEN}
    any_bench.grow([n("later add", b=1)], "z.value > later.a").run()
    assert any_bench.ran() == ["z", "later"]
    assert any_bench.values("later") == [301]
    assert dict(any_bench.reopen().session.skipped) == {}
    assert any_bench.run().ran() == []


def test_a_failed_condition_skips_nothing_and_can_be_retried(bench, n, cure):
    bench.grow(
        [n("p picky", a=13), n("l less", b=99), n("y number", value=1), n("z number", value=2), n("f if")],
        "p.value > l.a", "l.holds > f.condition", "y.value > f.then", "z.value > f.otherwise",
    ).run()  # fmt: skip
    assert bench.failed() == ["p"]
    assert dict(bench.session.skipped) == {}
    cure()
    bench.retry()
    assert bench.values("f") == [1]
    assert dict(bench.session.skipped) == {("z", ()): NOT_CHOSEN}


def test_three_thousand_nested_if_nodes_need_no_recursion(bench, n):
    count = 3000
    nodes = [n("v number", value=1)]
    edges = []
    for i in range(count):
        nodes.append(n(f"f{i} if", condition=i != count // 2, otherwise=i))
        edges.append(f"{'v' if i == 0 else f'f{i - 1}'}.value > f{i}.then")
    bench.grow(nodes, *edges).run()
    assert bench.values(f"f{count - 1}") == [count // 2]
    assert len(bench.session.skipped) == count // 2 + 1


def test_a_loop_that_was_not_chosen_does_not_block_the_other_branch(bench, n):
    bench.grow(
        [n("u upto", n=2), n("i iterate"), n("m mul", b=10), n("f if", condition=False, otherwise=7), n("a add", b=1)],
        "u.collection > i.collection", "i.item > m.a", "m.value > f.then", "f.value > a.a",
    ).run()  # fmt: skip
    assert bench.values("a") == [8]
    assert set(bench.skipped()) == {"u", "i", "m(0)"}


def test_a_loop_that_was_not_chosen_runs_if_a_later_line_needs_it(any_bench, n):
    any_bench.grow(
        [n("u upto", n=3), n("i iterate"), n("f if", condition=False, otherwise=7)],
        "u.collection > i.collection", "i.item > f.then",
    ).run()  # fmt: skip
    assert any_bench.values("f") == [7]
    any_bench.reopen().grow([n("a add"), n("c collect")], "i.item > a.a", "f.value > a.b", "a.value > c.item").run()
    assert any_bench.values("c", "collection") == [[7, 8, 9]]
    assert any_bench.reopen().values("c", "collection") == [[7, 8, 9]]


def test_a_branch_that_a_later_condition_depends_on_causes_no_deadlock(bench, n):
    bench.grow(
        [n("x number", value=3), n("f if", condition=True, otherwise=0), n("l less", b=5), n("g if", otherwise=0)],
        "x.value > f.then", "f.value > l.a", "l.holds > g.condition", "x.value > g.then",
    ).run()  # fmt: skip
    assert bench.values("g") == [3]


def test_a_branch_that_is_requested_by_name_runs(bench, n):
    nodes, *edges = choice(n, 3)
    bench.grow(nodes, *edges)
    assert bench.run(only=["z"]).ran() == ["a", "z"]
    assert bench.run().values("f") == [4]
