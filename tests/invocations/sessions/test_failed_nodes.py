"""Behaviors 91 to 94: failed nodes, the nodes that depend on them, and retries."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.events import NodeFailed, NodeFinished
from tests.invocations.sessions.killed import InlineRunner


def failing(n):
    """Return a graph in which `p` fails; `q` and `r` depend on `p`, `x` and `y` do not."""
    return (
        [n("a number", value=13), n("p picky"), n("q add"), n("r add"), n("x add", b=1), n("y add")],
        "a.value > p.a", "p.value > q.a", "q.value > r.a", "a.value > x.a", "x.value > y.a", "x.value > r.b",
    )  # fmt: skip


def test_091_the_error_of_a_failed_node_is_stored_and_finished_results_are_kept(any_bench, n):
    nodes, *edges = failing(n)
    any_bench.grow(nodes, *edges).run()
    assert any_bench.failed() == ["p"]
    assert any_bench.events[-1].event == "session_failed"
    assert any_bench.events[-1].failed == ("p",)
    for _ in range(2):
        error = any_bench.session.errors["p", ()]
        assert (error.type, error.message, error.code) == ("ValueError", "13 is not liked", "node_failed")
        assert error.inputs == {"a": 13}
        assert "is not liked" in error.trace
        assert {id_ for id_, _ in any_bench.session.results} == {"a", "x", "y"}
        any_bench.reopen()


def test_092_only_nodes_that_depend_on_a_failed_node_are_skipped(any_bench, n):
    nodes, *edges = failing(n)
    any_bench.grow(nodes, *edges).run()
    assert any_bench.ran() == ["a", "x", "y"]
    assert any_bench.skipped() == {
        "q": "it needs `p`, which failed or did not run",
        "r": "it needs `q`, which failed or did not run",
    }
    any_bench.grow([n("later add"), n("z number", value=1)], "r.value > later.a").run()
    assert any_bench.ran() == ["z"]
    assert set(any_bench.skipped()) == {"later"}
    assert any_bench.reopen().run().ran() == []


def test_093_retry_runs_only_failed_nodes_and_the_nodes_blocked_by_them(any_bench, n, cure):
    nodes, *edges = failing(n)
    any_bench.grow(nodes, *edges).run()
    any_bench.grow([n("new number", value=1)])
    assert any_bench.retry().failed() == ["p"]
    cure()
    any_bench.reopen().retry()
    assert any_bench.ran() == ["p", "q", "r"]
    assert any_bench.values("r") == [27]
    assert dict(any_bench.session.errors) == {}
    assert any_bench.retry().ran() == []
    assert any_bench.reopen().run().ran() == ["new"]


def test_a_line_stays_failed_if_its_retry_is_cancelled(any_bench, n):
    any_bench.grow([n("p picky", a=13), n("s slow", steps=9)], "p.value > s.a", line="first").run()
    run = any_bench.invoker.retry(any_bench.session.id)
    run.cancel()
    assert [event.event for event in run] == ["session_cancelled"]
    assert any_bench.session.lines[0].outcome == "failed"
    assert any_bench.reopen().session.lines[0].outcome == "failed"
    any_bench.grow([n("x slow", steps=9)], line="second")
    run = any_bench.invoker.run(any_bench.session.id, only=["x"])
    run.cancel()
    list(run)
    assert [line.outcome for line in any_bench.session.lines] == ["failed", "cancelled"]


def test_094_the_history_lists_runs_in_order_with_their_durations(any_bench, n):
    nodes, *edges = failing(n)
    any_bench.grow(nodes, *edges).run()
    for _ in range(2):
        history = any_bench.session.history
        done = [event for event in history if isinstance(event, NodeFinished | NodeFailed)]
        assert [event.node_id for event in done] == ["a", "p", "x", "y"]
        assert [event.time for event in done] == sorted(event.time for event in done)
        assert all(event.seconds > 0 for event in done)
        any_bench.reopen()


def test_a_failed_item_blocks_only_its_own_descendants(any_bench, n, cure):
    any_bench.grow(
        [n("i iterate", collection=[1, 13, 3]), n("p picky"), n("q add", b=1), n("c collect"), n("k number", value=1)],
        "i.item > p.a", "p.value > q.a", "q.value > c.item",
    ).run()  # fmt: skip
    assert any_bench.failed() == ["p(1)"]
    assert set(any_bench.skipped()) == {"q(1)", "c"}
    assert any_bench.values("q") == [2, 4]
    cure()
    any_bench.reopen().retry()
    assert any_bench.ran() == ["p(1)", "q(1)", "c"]
    assert any_bench.values("c", "collection") == [[2, 14, 4]]


def test_a_loop_whose_list_could_not_be_computed_runs_after_a_retry(any_bench, n, cure):
    any_bench.grow(
        [n("i iterate", collection=[2, 13]), n("p picky"), n("u upto"), n("j iterate"), n("a add", b=1), n("c collect"),
         n("d collect")],
        "i.item > p.a", "p.value > u.n", "u.collection > j.collection", "j.item > a.a", "a.value > c.item",
        "c.collection > d.item",
    ).run()  # fmt: skip
    assert any_bench.values("c", "collection") == [[1, 2]]
    assert any_bench.values("d", "collection") == []
    cure()
    any_bench.reopen().retry()
    assert any_bench.values("d", "collection") == [[[1, 2], list(range(1, 14))]]


def looped(make_bench, n):
    """Run a loop whose first item fails, and stop it when `q` has finished for the second item."""
    bench = make_bench(runner=InlineRunner())
    bench.grow(
        [n("i iterate", collection=[13, 1, 2, 3]), n("p picky"), n("q slow", steps=1), n("c collect")],
        "i.item > p.a", "p.value > q.a", "q.value > c.item",
    )  # fmt: skip
    bench.events = stopped_at(bench, "node_finished", "q")
    assert (bench.failed(), bench.ran()[-1]) == (["p(0)"], "q(1)")
    return bench


def stopped_at(bench, kind, node_id):
    run = bench.invoker.run(bench.session.id)
    events = []
    for event in run:
        events.append(event)
        if (event.event, event.node_id) == (kind, node_id):
            run.cancel()
    return events


def test_a_stopped_loop_with_a_failed_item_is_resumed(make_bench, n, cure):
    bench = looped(make_bench, n)
    cure()
    bench.reopen()
    bench.invoker.resume(bench.session.id)
    bench.run()
    assert bench.ran() == ["p(0)", "q(0)", "p(2)", "q(2)", "p(3)", "q(3)", "c"]
    assert bench.events[-1].event == "session_finished"
    assert bench.values("c", "collection") == [[14, 2, 3, 4]]


def test_the_other_items_in_a_loop_finish_even_if_one_fails_again(make_bench, n, cure):
    bench = looped(make_bench, n)
    for _ in range(2):
        assert bench.reopen().retry().failed() == ["p(0)"]
        assert bench.values("q") == [2, 3, 4]
    cure()
    assert bench.retry().ran() == ["p(0)", "q(0)", "c"]


def branched(make_bench, n):
    """Return a test bench with an `if` node, one branch of which is a loop of slow nodes."""
    bench = make_bench(runner=InlineRunner())
    bench.grow(
        [n("y less", a=1, b=2), n("i iterate", collection=[1, 2, 3]), n("q slow", steps=1), n("k number", value=1),
         n("f if")],
        "y.holds > f.condition", "i.item > q.a", "q.value > f.then", "k.value > f.otherwise",
    )  # fmt: skip
    return bench


def test_a_new_line_that_needs_a_stopped_branch_runs_each_node_of_the_branch_once(make_bench, n):
    bench = branched(make_bench, n)
    ran = stopped_at(bench, "node_finished", "q")
    bench.grow([n("z add", b=1)], "q.value > z.a").run()
    bench.events += ran
    assert sorted(each for each in bench.ran() if each[0] in "qz") == ["q(0)", "q(1)", "q(2)", "z(0)", "z(1)", "z(2)"]


def test_no_node_runs_twice_if_a_line_is_added_during_a_run(make_bench, n):
    bench = branched(make_bench, n)
    bench.events = []
    for event in bench.invoker.run(bench.session.id):
        bench.events.append(event)
        if (event.event, event.node_id, event.path) == ("node_finished", "q", (0,)):
            bench.grow([n("z add", b=1)], "q.value > z.a")
    ran = bench.ran()
    assert sorted(each for each in ran + bench.run().ran() if each[0] in "qz") == [
        "q(0)", "q(1)", "q(2)", "z(0)", "z(1)", "z(2)",
    ]  # fmt: skip


def test_a_running_session_is_neither_retried_nor_resumed(make_bench, n):
    bench = make_bench(runner=InlineRunner())
    bench.grow([n("p picky", a=13), n("s slow")]).run(only=["p"])
    run = bench.invoker.run(bench.session.id)
    next(run)
    for attempt in (bench.invoker.retry, bench.invoker.resume):
        with pytest.raises(errors.SessionBusy, match="is already running"):
            attempt(bench.session.id)
    assert list(bench.session.errors) == [("p", ())]
    assert list(run)[-1].event == "session_finished"
