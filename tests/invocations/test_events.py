"""The events of a run, and cancelling a run."""

from __future__ import annotations

import json
import time

import pytest

from invocations.events import LogMessage, NodeFailed, NodeFinished, NodeProgress, NodeStarted, event_from_json


def test_every_event_has_a_session_node_type_path_and_time(bench, n):
    before = time.time()
    bench.grow([n("i iterate", collection=[1, 13]), n("p picky"), n("q add"), n("s slow")], "i.item > p.a",
               "p.value > q.a").run()  # fmt: skip
    assert {event.event for event in bench.events} == {
        "node_started", "node_finished", "node_failed", "node_skipped", "node_progress", "session_failed",
    }  # fmt: skip
    for event in bench.events:
        assert event.session_id == bench.session.id
        assert before <= event.time <= time.time()
        if event.node_id:
            assert event.node_type == bench.session.graph.nodes[event.node_id].type
    last = bench.events[-1]
    assert (last.event, last.node_id, last.failed) == ("session_failed", "", ("p",))


def test_the_events_of_a_node_arrive_in_order(bench, n):
    bench.grow([n("s slow", steps=2)]).run()
    assert [type(event) for event in bench.events[:-1]] == [NodeStarted, NodeProgress, NodeProgress, NodeFinished]
    assert [(event.step, event.of) for event in bench.events[1:3]] == [(1, 2), (2, 2)]
    assert bench.events[3].outputs == {"value": 2}
    assert bench.events[3].reused is False
    assert bench.events[3].seconds > 0


def iterations_of(bench, id_):
    starts = [event for event in bench.events if isinstance(event, NodeStarted) and event.node_id == id_]
    return [(event.path, event.iteration, event.iterations) for event in starts]


def test_a_start_event_has_the_number_of_the_iteration_and_the_total_number_of_iterations(bench, n):
    bench.grow(
        [n("t table", rows=[[3, 1], [2]]), n("i iterate"), n("j iterate"), n("a add", b=1), n("c collect"),
         n("s total")],
        "t.collection > i.collection", "i.item > j.collection", "j.item > a.a", "a.value > c.item",
        "c.collection > s.values",
    ).run()  # fmt: skip
    assert iterations_of(bench, "t") == [((), 1, 1)]
    assert iterations_of(bench, "a") == [((0, 0), 1, 3), ((0, 1), 2, 3), ((1, 0), 3, 3)]
    assert iterations_of(bench, "s") == [((0,), 1, 2), ((1,), 2, 2)]
    data = next(event.to_json() for event in bench.events if event.node_id == "a")
    assert (data["iteration"], data["iterations"]) == (1, 3)


def test_the_numbering_of_iterations_continues_from_an_earlier_attempt(any_bench, n):
    any_bench.grow([n("i iterate", collection=[1, 2, 3, 4]), n("a add", b=1)], "i.item > a.a")
    for _ in range(2):
        list(any_bench.invoker.step(any_bench.session.id))
    any_bench.run()
    assert iterations_of(any_bench, "a") == [((2,), 3, 4), ((3,), 4, 4)]


def ended_before(bench, id_):
    starts = [event for event in bench.events if isinstance(event, NodeStarted) and event.node_id == id_]
    return [(event.path, event.ended) for event in starts]


def test_a_start_event_counts_the_iterations_that_have_ended_whatever_their_order(bench, n):
    bench.grow(
        [n("x model", name="x"), n("y model", name="y"), n("s iterate", collection=[7, 8]), n("l collect"),
         n("m iterate"), n("p paint"), n("d develop")],
        "x.model > l.item", "y.model > l.item", "l.collection > m.collection", "s.item > p.a", "m.item > p.model",
        "m.item > d.model", "p.latents > d.latents",
    ).run()  # fmt: skip
    assert ended_before(bench, "d") == [((0, 0), 0), ((1, 0), 1), ((0, 1), 2), ((1, 1), 3)]


def test_an_iteration_that_cannot_begin_counts_as_ended(bench, n, cure):
    bench.grow([n("i iterate", collection=[13, 1, 2]), n("p picky"), n("a add")], "i.item > p.a", "p.value > a.a")
    bench.run()
    assert ended_before(bench, "a") == [((1,), 1), ((2,), 2)]
    cure()
    assert ended_before(bench.retry(), "a") == [((0,), 2)]


def test_a_retried_iteration_keeps_its_number(any_bench, n):
    any_bench.grow([n("i iterate", collection=[1, 13, 3]), n("p picky"), n("a add")], "i.item > p.a", "p.value > a.a")
    any_bench.run()
    assert iterations_of(any_bench, "p") == [((0,), 1, 3), ((1,), 2, 3), ((2,), 3, 3)]
    any_bench.retry()
    assert iterations_of(any_bench, "p") == [((1,), 2, 3)]


def test_progress_arrives_while_the_node_runs(bench, n, held):
    bench.grow([n("s slow", steps=50)])
    run = bench.invoker.run(bench.session.id)
    assert next(event for event in run if isinstance(event, NodeProgress)).step == 1
    assert bench.session.results == {}
    held.set()
    list(run)


def test_every_event_can_be_converted_to_json(bench, n):
    bench.grow([n("p picky", a=13), n("q add"), n("m model", name="x"), n("w paint"), n("s slow"), n("d dice")],
               "p.value > q.a", "m.model > w.model").run()  # fmt: skip
    for event in bench.events:
        data = json.loads(json.dumps(event.to_json()))
        assert data["event"] == event.event
        if isinstance(event, NodeFinished | NodeFailed | LogMessage):
            assert event_from_json(data) == event


def test_a_cancelled_run_stops_at_the_next_step_and_can_be_resumed(any_bench, n, held):
    any_bench.grow([n("a number", value=1), n("s slow", steps=500), n("b add")], "a.value > s.a", "s.value > b.a")
    run = any_bench.invoker.run(any_bench.session.id)
    seen = []
    for event in run:
        seen.append(event)
        if isinstance(event, NodeProgress):
            run.cancel()
    assert seen[-1].event == "session_cancelled"
    assert sum(isinstance(event, NodeProgress) for event in seen) == 2  # one step before the cancellation, one after
    assert dict(any_bench.session.results) == {("a", ()): {"value": 1}}
    assert any_bench.session.lines[0].outcome == "cancelled"
    held.set()
    any_bench.reopen()
    assert any_bench.run().ran() == ["s", "b"]
    assert any_bench.values("b") == [501]


def test_a_line_whose_last_node_finished_before_the_run_was_cancelled_counts_as_done(any_bench, n, held):
    any_bench.grow([n("a number", value=1)], line="first")
    any_bench.grow([n("b number", value=2), n("s slow", steps=3)], "b.value > s.a", line="second")
    run = any_bench.invoker.run(any_bench.session.id)
    seen = []
    for event in run:
        seen.append(event)
        if isinstance(event, NodeFinished) and event.node_id == "b":
            run.cancel()
    assert seen[-1].event == "session_cancelled"
    assert [line.outcome for line in any_bench.session.lines] == ["done", "cancelled"]
    held.set()
    assert any_bench.reopen().run().ran() == ["s"]


def test_an_interrupted_reader_can_cancel_the_run_and_continue_to_read_events(bench, n, held):
    bench.grow([n("s slow", steps=500)])
    run = bench.invoker.run(bench.session.id)

    def interrupted():
        for event in run:
            if isinstance(event, NodeProgress):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    run.cancel()
    assert list(run)[-1].event == "session_cancelled"


def test_a_reader_that_waits_with_a_timeout_misses_no_event(bench, n, held):
    bench.grow([n("s slow", steps=30)])
    run = bench.invoker.run(bench.session.id)
    waited, seen = 0, []
    while True:
        while not run.wait(0.0001):
            waited += 1
            held.set()
        assert run.wait(0)
        try:
            seen.append(next(run))
        except StopIteration:
            break
    assert waited
    assert sum(isinstance(event, NodeProgress) for event in seen) == 30
    assert (seen[-1].event, run.wait(0)) == ("session_finished", True)


def test_a_run_cancelled_before_its_start_runs_nothing(bench, n):
    bench.grow([n("a number", value=1)])
    run = bench.invoker.run(bench.session.id)
    run.cancel()
    assert [event.event for event in run] == ["session_cancelled"]
    assert bench.run().ran() == ["a"]


def test_a_node_that_runs_out_of_memory_fails_with_the_code_out_of_memory(bench, n):
    bench.grow([n("g greedy")]).run()
    error = bench.session.errors["g", ()]
    assert (error.type, error.code, error.message) == ("MemoryError", "out_of_memory", "out of memory")


def test_a_node_with_a_value_of_the_wrong_type_fails(bench, n):
    bench.grow([n("a add", a="x", b=1)]).run()
    error = bench.session.errors["a", ()]
    assert (error.code, error.message) == (
        "bad_value",
        "`a` is 'x', but must be a valid integer, unable to parse string as an integer",
    )


def test_an_iterate_node_with_a_value_that_is_not_a_list_fails(any_bench, n):
    any_bench.grow([n("f if", condition=True, then=[1], otherwise=[2]), n("i iterate", collection=3), n("a add")],
                   "i.item > a.a").run()  # fmt: skip
    assert any_bench.failed() == ["i"]
    assert any_bench.session.errors["i", ()].message == "iterate takes a list, not 3"
    assert any_bench.reopen().run().ran() == []


def test_the_record_of_a_node_contains_its_line_and_the_graph_and_facts_of_its_ancestors(bench, n, records):
    bench.grow(
        [n("m model", name="fox"), n("d dice", seed=5), n("p paint", steps=None), n("v develop"), n("k keep"),
         n("x number", value=1)],
        "m.model > p.model", "d.value > p.a", "m.model > v.model", "p.latents > v.latents", "v.image > k.image",
        line="model fox | paint | keep",
    ).run()  # fmt: skip
    bench.grow([n("k2 keep")], "k.image > k2.image", line="| keep").run()
    first, second = records
    assert first.line == "model fox | paint | keep"
    assert second.line == "| keep"
    assert set(first.graph["nodes"]) == {"m", "d", "p", "v", "k"}
    assert len(first.graph["edges"]) == 5
    assert first.facts == {"seed": 5, "steps": 20, "model": "fox", "width": 64, "height": 32, "index": 1}
    assert second.facts == {**first.facts, "index": 2}
    assert "torch" in first.versions


def test_messages_are_sent_as_events_and_stored(any_bench, n):
    any_bench.grow([n("d dice", seed=5)]).run()
    [message] = [event for event in any_bench.events if isinstance(event, LogMessage)]
    assert message.message.startswith("rolled with ")
    assert message in any_bench.session.history
    assert message in any_bench.reopen().session.history


def test_the_seed_of_a_node_is_the_same_in_every_run(make_bench, n):
    bench = make_bench().grow([n("d dice", seed=5)])
    messages = []
    for _ in range(2):
        bench.run()
        messages += [event.message for event in bench.events if isinstance(event, LogMessage)]
        bench.session = bench.invoker.create()
        bench.grow([n("d dice", seed=5)])
    assert messages[0] != messages[1]


def test_a_node_that_returns_an_undeclared_output_fails(bench, n):
    bench.grow([n("a liar"), n("b liar", nothing=True), n("c add")], "a.value > c.a").run()
    assert bench.failed() == ["a", "b"]
    messages = [bench.session.errors[id_, ()].message for id_ in "ab"]
    assert messages == [
        "Liar: `invoke` returned TextOutput(text='x'), which does not match its return annotation",
        "Liar: `invoke` returned None, which does not match its return annotation",
    ]
