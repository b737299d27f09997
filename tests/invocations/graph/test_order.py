"""Behaviors 48 to 50, 55 and 72: the order in which nodes run, and a session that is saved midway."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from invocations.graph.order import CycleFound, topological
from invocations.graph.queue import ReadyQueue
from invocations.storing.entries import session_from_json, session_to_json
from invocations.storing.local import LocalStore


def test_048_parents_run_before_children(bench, n):
    bench.grow(
        [n("d add"), n("c add"), n("b add"), n("a number", value=1)],
        "a.value > b.a", "a.value > c.a", "b.value > d.a", "c.value > d.b",
    ).run()  # fmt: skip
    ran = bench.ran()
    assert ran[0] == "a"
    assert ran[-1] == "d"
    assert bench.values("d") == [2]


def test_049_ready_nodes_run_in_the_order_in_which_they_were_added(bench, n):
    bench.grow([n("b number", value=1), n("a number", value=2), n("c number", value=3)]).run()
    assert bench.ran() == ["b", "a", "c"]


def test_050_a_chain_of_ten_thousand_nodes_runs_without_recursion(bench, n):
    count = 10_000
    nodes = [n("0 number", value=0), *(n(f"{i} add", b=1) for i in range(1, count))]
    bench.grow(nodes, *(f"{i - 1}.value > {i}.a" for i in range(1, count))).run()
    assert bench.values(str(count - 1)) == [count - 1]


def test_the_cost_of_a_node_does_not_depend_on_the_length_of_the_chain(make_bench, n, count_calls):
    def calls_per_node(count):
        nodes = [n("0 number", value=0), *(n(f"{i} add", b=1) for i in range(1, count))]
        edges = [f"{i - 1}.value > {i}.a" for i in range(1, count)]
        bench = make_bench()
        return count_calls(lambda: bench.grow(nodes, *edges).run()) / count

    calls_per_node(1)
    assert calls_per_node(3000) <= 1.02 * calls_per_node(100)


def test_055_all_ready_nodes_with_the_same_class_and_model_run_before_others(bench, n):
    bench.grow(
        [n("x model", name="x"), n("y model", name="y"), *(n(f"p{i} paint", a=i) for i in range(4)),
         *(n(f"d{i} develop") for i in range(4))],
        *(f"{'xy'[i % 2]}.model > p{i}.model" for i in range(4)),
        *(f"{'xy'[i % 2]}.model > d{i}.model" for i in range(4)),
        *(f"p{i}.latents > d{i}.latents" for i in range(4)),
    ).run()  # fmt: skip
    assert bench.ran() == ["x", "y", "p0", "p2", "d0", "d2", "p1", "p3", "d1", "d3"]


def test_072_a_session_saved_to_json_midway_and_resumed_has_the_same_results_as_an_uninterrupted_session(
    make_bench, n, specs
):
    def grown():
        return make_bench().grow(
            [n("t table", rows=[[1, 2], [], [3]]), n("i iterate"), n("j iterate"), n("a add", b=1), n("c collect"),
             n("l less", b=2), n("f if", otherwise=0), n("m mul", b=7), n("s total")],
            "t.collection > i.collection", "i.item > j.collection", "j.item > a.a", "a.value > c.item",
            "a.value > l.a", "l.holds > f.condition", "m.value > f.then", "a.value > m.a", "c.collection > s.values",
        )  # fmt: skip

    whole = grown().run()
    for steps in range(1, 12):
        half = grown()
        for _ in range(steps):
            list(half.invoker.step(half.session.id))
        data = json.loads(json.dumps(session_to_json(half.session)))
        other = make_bench()
        other.session = session_from_json(data, specs)
        assert dict(other.session.results) == dict(half.session.results)
        other.store.create(other.session.id, other.session.created)
        for entry in other.session.log:
            other.store.append(other.session.id, entry)
        other.reopen().run()
        assert dict(other.session.results) == dict(whole.session.results)
        assert dict(other.session.skipped) == dict(whole.session.skipped)


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from tests.invocations.bench import Bench, make_invoker
from invocations.storing.local import LocalStore
invoker = make_invoker(LocalStore(Path({store!r})), None)
events = [event for event in invoker.run({session!r})]
print([event.node_id for event in events if event.event == "node_finished"])
print(invoker.open({session!r}).values("c", "collection"))
"""


def test_a_stored_session_is_resumed_by_a_new_process(make_bench, n, tmp_path):
    bench = make_bench(LocalStore(tmp_path / "sessions.sqlite"))
    bench.grow(
        [n("u upto", n=3), n("i iterate"), n("m mul", b=10), n("c collect")],
        "u.collection > i.collection", "i.item > m.a", "m.value > c.item",
    )  # fmt: skip
    for _ in range(2):
        list(bench.invoker.step(bench.session.id))
    assert bench.values("m") == [0]
    script = SCRIPT.format(
        here=str(Path(__file__).parents[3]), store=str(tmp_path / "sessions.sqlite"), session=bench.session.id
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (found.stdout, found.stderr) == ("['m', 'm', 'c']\n[[0, 10, 20]]\n", "")
    bench.reopen()
    assert bench.values("c", "collection") == [[0, 10, 20]]
    bench.store.close()


def test_topological_sorting_keeps_the_given_order_if_possible():
    assert topological(["c", "b", "a", "d"], {"c": ["a"], "d": ["c"]}) == ["b", "a", "c", "d"]
    with pytest.raises(CycleFound):
        topological(["a", "b"], {"a": ["b"], "b": ["a"]})


def test_nodes_that_use_the_current_model_run_before_nodes_that_use_another():
    queue: ReadyQueue[str] = ReadyQueue()
    for number, model in enumerate(["x", "", "y", "x", "x", "y"]):
        queue.put(model, (number,), f"{model}{number}")
    taken = [queue.take()]
    queue.put("x", (2,), "x2")
    assert len(queue) == 6
    taken += [queue.take() for _ in range(7)]
    assert taken == ["x0", "1", "x2", "x3", "x4", "y2", "y5", None]
