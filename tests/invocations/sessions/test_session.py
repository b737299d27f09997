"""Behaviors 84 to 95: sessions grow, run, fail, and are resumed without losing results."""

from __future__ import annotations

import pytest

from invocations import errors
from invocations.events import NodeFinished
from invocations.sessions.session import Extension, SessionStage


def test_084_results_are_found_by_node_and_iteration_path(any_bench, n):
    any_bench.grow([n("a number", value=1), n("i iterate", collection=[5, 6])]).run()
    assert any_bench.session.results["a", ()] == {"value": 1}
    assert any_bench.session.results["i", (1,)] == {"item": 6}
    assert any_bench.values("i", "item") == [5, 6]


def test_085_finished_nodes_do_not_run_again(any_bench, n):
    any_bench.grow([n("a number", value=1), n("b add")], "a.value > b.a").run()
    assert any_bench.ran() == ["a", "b"]
    assert any_bench.run().ran() == []
    assert any_bench.reopen().run().ran() == []


def test_086_a_later_line_uses_earlier_results(any_bench, n):
    any_bench.grow([n("a number", value=1)]).run()
    any_bench.grow([n("b add", b=2)], "a.value > b.a").run()
    assert any_bench.ran() == ["b"]
    any_bench.reopen().grow([n("c add", b=4)], "b.value > c.a").run()
    assert any_bench.ran() == ["c"]
    assert any_bench.values("c") == [7]


def test_087_stages_are_found_by_number_and_by_name(any_bench, n):
    stages = (
        SessionStage(1, "number", None, 1, ("1",), {"value": ("1", "value")}, ("1", "value")),
        SessionStage(2, "add", "fox", 1, ("2",), {"value": ("2", "value")}, ("2", "value")),
    )
    any_bench.grow([n("1 number", value=1), n("2 add")], "1.value > 2.a", stages=stages)
    for _ in range(2):
        assert tuple(any_bench.session.stages) == stages
        assert any_bench.session.names["fox"] == stages[1]
        any_bench.reopen()


def test_088_each_line_is_stored_with_its_text_source_and_outcome(any_bench, n):
    any_bench.grow([n("1 number", value=1)], line="number 1", source="poster.inv:3").run()
    any_bench.grow([n("2 picky", a=13)], line="picky 13").run()
    any_bench.grow([n("3 number", value=1)], line="number 1")
    for _ in range(2):
        lines = any_bench.session.lines
        assert [(line.number, line.text, line.source, line.outcome) for line in lines] == [
            (1, "number 1", "poster.inv:3", "done"),
            (2, "picky 13", "", "failed"),
            (3, "number 1", "", ""),
        ]
        assert lines[0].started > 0
        assert lines[0].seconds > 0
        any_bench.reopen()
    assert any_bench.session.line_of("2") == any_bench.session.lines[1]


def test_089_a_session_is_created_empty_or_from_a_graph(any_bench, graph, n, e):
    assert len(any_bench.session.graph) == 0
    graph.extend([n("a number", value=1), n("b add")], [e("a.value > b.a")])
    any_bench.session = any_bench.invoker.create(graph)
    assert any_bench.session.graph == graph
    assert any_bench.reopen().run().ran() == ["a", "b"]
    assert any_bench.session.graph == graph


def test_090_a_run_executes_the_next_ready_node_or_all_nodes(any_bench, n):
    any_bench.grow([n("a number", value=1), n("b add"), n("c add")], "a.value > b.a", "b.value > c.a")
    any_bench.sort(any_bench.invoker.step(any_bench.session.id))
    assert [event.event for event in any_bench.events] == ["node_started", "node_finished", "session_finished"]
    assert any_bench.run().ran() == ["b", "c"]
    assert any_bench.session.lines[0].outcome == "done"


def test_095_a_run_ignores_lines_added_after_its_start(any_bench, n):
    any_bench.grow([n("a slow", steps=5), n("b add")], "a.value > b.a")
    run = any_bench.invoker.run(any_bench.session.id)
    events = [next(run)]
    any_bench.grow([n("c add"), n("x number", value=1)], "b.value > c.a")
    events += list(run)
    assert [event.node_id for event in events if isinstance(event, NodeFinished)] == ["a", "b"]
    assert ("c", ()) not in any_bench.session.results
    assert any_bench.run().ran() == ["c", "x"]


def test_a_session_grows_while_it_runs(any_bench, n):
    any_bench.grow([n("0 number", value=0), *(n(f"{i} add", b=1) for i in range(1, 300))],
                   *(f"{i - 1}.value > {i}.a" for i in range(1, 300)))  # fmt: skip
    run = any_bench.invoker.run(any_bench.session.id)
    next(run)
    for i in range(100):
        any_bench.grow([n(f"x{i} add", b=1)], f"299.value > x{i}.a")
    assert list(run)[-1].event == "session_finished"
    any_bench.reopen()
    assert len(any_bench.session.graph) == 400
    assert len(any_bench.run().ran()) == 100


@pytest.mark.parametrize(
    ("nodes", "edges", "error"),
    [
        (["good number"], [], errors.MissingInput),
        (["b add"], ["a.value > b.a", "x.value > b.b"], errors.MissingNode),
        (["b sentence"], ["a.value > b.words"], errors.TypeMismatch),
        (["b number"], ["b.value > a.a"], errors.NodeFixed),
    ],
)
def test_a_refused_extension_does_not_change_the_session(any_bench, n, nodes, edges, error):
    any_bench.grow([n("a add", b=1), n("z number", value=1)], "z.value > a.a", line="first")
    log = tuple(any_bench.session.log)
    with pytest.raises(error):
        any_bench.grow([n(text) for text in nodes], *edges, line="second")
    assert tuple(any_bench.session.log) == log
    assert set(any_bench.session.graph.nodes) == {"a", "z"}
    assert len(any_bench.session.lines) == 1
    assert set(any_bench.reopen().session.graph.nodes) == {"a", "z"}
    assert any_bench.run().ran() == ["z", "a"]


def test_selected_nodes_run_with_their_ancestors(bench, n):
    bench.grow(
        [n("a number", value=1), n("b add"), n("c add"), n("d add")], "a.value > b.a", "b.value > c.a", "a.value > d.a"
    )
    assert bench.run(only=["b"]).ran() == ["a", "b"]
    assert bench.run(only=["d"]).ran() == ["d"]
    assert bench.run(only=["b"]).ran() == []
    assert bench.run().ran() == ["c"]
    with pytest.raises(errors.MissingNode):
        bench.run(only=["x"])


def test_a_line_ends_once_all_its_nodes_have_run(any_bench, n, cure):
    def outcomes():
        return [line.outcome for line in any_bench.reopen().session.lines]

    any_bench.grow([n("a picky", a=13)]).grow([n("b add")], "a.value > b.a").grow([n("c number", value=1)])
    any_bench.run(only=["c"])
    assert outcomes() == ["", "", "done"]
    assert any_bench.run().events[-1].event == "session_failed"
    assert outcomes() == ["failed", "failed", "done"]
    any_bench.grow([n("d add")], "b.value > d.a").run()
    assert (any_bench.events[-1].event, any_bench.events[-1].failed) == ("session_failed", ())
    assert outcomes() == ["failed", "failed", "done", "failed"]
    cure()
    any_bench.retry()
    assert outcomes() == ["done", "done", "done", "done"]


def test_a_seed_that_is_not_set_is_chosen_when_the_node_is_added(any_bench, n):
    any_bench.grow([n("a dice"), n("b dice", seed=7), n("c dice", seed=None), n("k number", value=3), n("d dice")],
                   "k.value > d.seed").run()  # fmt: skip
    drawn = [any_bench.session.graph.nodes[id_].inputs["seed"] for id_ in "abc"]
    assert drawn[1] == 7
    assert drawn[0] != drawn[2]
    assert all(0 <= seed < 2**32 for seed in drawn)
    assert [any_bench.values(id_)[0] for id_ in "abcd"] == [*drawn, 3]
    assert [any_bench.reopen().session.graph.nodes[id_].inputs["seed"] for id_ in "abc"] == drawn


def test_a_missing_session_raises_a_specific_error(any_bench):
    for attempt in (any_bench.invoker.open, any_bench.invoker.run, any_bench.invoker.retry, any_bench.invoker.delete):
        with pytest.raises(errors.SessionMissing) as caught:
            attempt("nowhere")
        assert (caught.value.session, caught.value.message) == ("nowhere", "there is no session `nowhere`")
    with pytest.raises(errors.SessionMissing):
        any_bench.invoker.extend("nowhere", Extension(()))


def test_sessions_are_listed_by_their_last_change_and_can_be_removed(any_bench, n):
    other = any_bench.invoker.create()
    any_bench.grow([n("a number", value=1)], line="number 1").run()
    infos = any_bench.invoker.sessions()
    assert [info.id for info in infos] == [any_bench.session.id, other.id]
    assert (infos[0].lines, infos[0].first_line, infos[1].lines) == (1, "number 1", 0)
    any_bench.invoker.delete(other.id)
    assert [info.id for info in any_bench.invoker.sessions()] == [any_bench.session.id]


def test_one_session_has_one_run_at_a_time(bench, n, held):
    bench.grow([n("a slow", steps=20)])
    run = bench.invoker.run(bench.session.id)
    next(run)
    with pytest.raises(errors.SessionBusy):
        list(bench.invoker.run(bench.session.id))
    held.set()
    assert list(run)[-1].event == "session_finished"
    assert list(bench.invoker.run(bench.session.id))[-1].event == "session_finished"


def test_the_cost_of_a_line_does_not_depend_on_the_length_of_the_session(any_bench, n, count_calls):
    costs = {}
    for number in range(1000):
        any_bench.grow([n(f"{number} add", a=1, b=number)], line="add")
        if number in (9, 10, 999):
            cost = count_calls(lambda number=number: any_bench.grow([n(f"x{number} add", a=1)], line="add"))
            any_bench.runner.close()  # so that the nodes run in a new thread, whose calls are counted
            costs[number] = (cost, count_calls(any_bench.run))
        else:
            any_bench.run()
    assert costs[999][0] <= 1.05 * costs[9][0]
    assert costs[999][1] <= 1.05 * max(costs[9][1], costs[10][1])
