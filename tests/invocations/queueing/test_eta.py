"""How long items will take, and when they begin and end."""

from __future__ import annotations

import pytest

from invocations.events import NodeFinished
from invocations.queueing.base import WAITING, QueueTurns
from invocations.queueing.eta import MOST, QueueStanding, RunTimes, standings
from invocations.queueing.order import arranged
from invocations.sessions.session import Session
from invocations.storing.past_runs import PastRun
from tests.invocations.bench import extension, node
from tests.invocations.kitchen import FakeCatalog
from tests.invocations.queueing.items import item


def session_of(*nodes, edges=()):
    session = Session("s", 1.0, FakeCatalog.specs.get)
    session.apply(session.prepared(extension([*nodes], *edges), 1.0))
    return session


def learned(*runs):
    times = RunTimes()
    times.learn(PastRun(type_, model, (side, side), steps, seconds) for type_, model, side, steps, seconds in runs)
    return times


@pytest.mark.parametrize(
    ("runs", "seconds"),
    [
        ([], None),
        ([("add", "", 0, 1, 2.0)], 2.0),
        ([("slow", "", 0, 10, 5.0)], 2.0),  # 0.5 s per step, 4 steps
        ([("slow", "", 0, 10, 5.0), ("add", "", 0, 1, 2.0)], 4.0),
        ([("add", "", 0, 1, 2.0), ("add", "", 0, 1, 9.0), ("add", "", 0, 1, 3.0)], 3.0),
        ([("mul", "", 0, 1, 2.0)], None),
    ],
)
def test_an_item_takes_as_long_as_its_nodes_took_before(runs, seconds):
    session = session_of(node("a add", a=1), node("b slow", steps=4))
    assert learned(*runs).seconds(session, ["a", "b"]) == seconds


def test_the_same_model_and_size_count_most():
    session = session_of(node("a add", a=1))
    times = learned(("add", "sdxl", 512, 1, 8.0), ("add", "sd15", 512, 1, 2.0))
    assert [times.seconds(session, ["a"], model=model) for model in ("sdxl", "sd15", "other")] == [8.0, 2.0, 5.0]


def test_the_items_of_a_sweep_are_counted():
    nodes = [node("n upto", n=5), node("i iterate"), node("a add")]
    session = session_of(*nodes, edges=("n.collection > i.collection", "i.item > a.a"))
    times = learned(("add", "", 0, 1, 2.0))
    assert times.seconds(session, ["n", "i", "a"], sweeps={"i": 5}) == 10.0


def test_the_latest_runs_count_and_cached_results_do_not():
    session = session_of(node("a add", a=1))
    times = learned(("add", "", 0, 1, 100.0))
    for reused, seconds in [(True, 0.0)] * MOST + [(False, 3.0)] * MOST:
        times.learn_event(session, NodeFinished("s", "a", "add", (), 1.0, {"value": 1}, seconds, reused, {}))
    assert times.seconds(session, ["a"]) == 3.0
    times.learn([PastRun("add", "", (0, 0), 1, 100.0)] * MOST)
    assert times.seconds(session, ["a"]) == 3.0


def test_a_waiting_item_begins_when_a_slot_is_free():
    running = [item("r", "r", started=90.0, seconds=30.0)]
    waiting = [item(id_, id_, seconds=seconds) for id_, seconds in (("a", 5.0), ("b", 10.0), ("c", 1.0))]
    assert [each.id for each in arranged(waiting, QueueTurns())] == ["a", "b", "c"]
    assert standings(running, waiting, QueueTurns(), slots=2, now=100.0) == {
        "r": QueueStanding(0, 0.0, 20.0),
        "a": QueueStanding(1, 0.0, 5.0),
        "b": QueueStanding(2, 5.0, 15.0),
        "c": QueueStanding(3, 15.0, 16.0),
    }


@pytest.mark.parametrize("slots", [1, 0])
def test_what_is_not_known_is_not_invented(slots):
    waiting = [item("a", "a", seconds=None), item("b", "b", seconds=2.0)]
    found = standings([], waiting, QueueTurns(), slots=slots, now=1.0)
    assert found["a"] == QueueStanding(1, 0.0 if slots else None, None)
    assert found["b"] == QueueStanding(2, None, None)


def test_an_item_is_estimated_when_it_is_added(desk):
    session = desk.session("number")
    desk.end(desk.coordinator.enqueue(session.id))
    desk.coordinator.pause()
    item = desk.add_line(session, "number")
    assert (item.state, item.seconds is not None) == (WAITING, True)
    standing = desk.coordinator.standings()[item.id]
    assert (standing.position, standing.starts_in, standing.ends_in) == (1, None, None)
    desk.coordinator.pause(paused=False)
    assert desk.end(item).seconds == item.seconds
