"""The queue in memory and in SQLite: items are kept, claimed once, changed and removed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invocations import errors
from invocations.events import NodeError
from invocations.graph.graph import Node
from invocations.queueing.base import CANCELLED, DONE, RUNNING, SET_ASIDE, WAITING, ItemFilter, QueueLimits
from invocations.queueing.changes import MOST_DEATHS, ended, orphaned, put_back
from invocations.queueing.limits import KEPT_ENDED
from invocations.sessions.session import Extension
from tests.invocations.queueing.items import drained, finish, item, take, tried

LINE = Extension((Node("1", "number", {"value": 1}),), line="number 1")


def test_an_item_is_kept_unchanged(queue):
    full = item(
        "a", lines=(1, 2), nodes=("x", "ü"), reuse=False, recompute=("x",), priority=3, batch=True, owner="ann",
        error=NodeError("E", "m", "c", "h"), size=7, model="sd15", sweeps={"i": 3}, most_items=9,
        seconds=1.5,
    )  # fmt: skip
    added = queue.add(full)
    assert replace(added, place=full.place) == full
    assert (added.place.owner, added.place.lane, added.state) == ("ann", "s", WAITING)
    assert queue.get("a") == added
    assert queue.items() == [added]


def test_a_line_and_its_item_are_stored_together_or_not_at_all(queue):
    queue.add(item("a"), LINE)
    assert len([*queue._store.read("s")]) == 1
    queue.limits = QueueLimits(items=1)
    with pytest.raises(errors.QueueFull):
        queue.add(item("b"), LINE)
    assert len([*queue._store.read("s")]) == 1
    with pytest.raises(errors.SessionMissing):
        queue.add(item("c", "nowhere"), LINE)
    assert [each.id for each in queue.items()] == ["a"]


def test_too_many_waiting_items_or_nodes_are_refused_for_each_owner(queue):
    queue.limits = QueueLimits(items=2, nodes=10)
    queue.add(item("a", size=4))
    with pytest.raises(errors.QueueFull) as refused:
        queue.add(item("b", size=7))
    assert refused.value.message == "4 nodes are waiting and this adds 7, but at most 10 may wait"
    queue.add(item("c", size=6))
    with pytest.raises(errors.QueueFull) as refused:
        queue.add(item("d"))
    assert refused.value.message == "2 items are waiting, and at most 2 may wait"
    assert refused.value.hint == "wait until some items have run, or cancel some"
    queue.add(item("e", owner="bob", size=10))
    finish(queue, take(queue))
    queue.add(item("f", size=4))


def test_a_session_has_only_one_running_item(queue):
    for id_, session in zip("abc", "sst", strict=True):
        queue.add(item(id_, session))
    assert [take(queue).id, take(queue).id, take(queue)] == ["a", "c", None]
    finish(queue, queue.get("a"))
    assert take(queue).id == "b"


def test_a_claimed_item_has_a_worker_and_times(queue):
    queue.add(item("a"), LINE)
    claimed = take(queue, now=5.0)
    assert (claimed.state, claimed.worker, claimed.started, claimed.claim.base) == (RUNNING, "w1", 5.0, 1)
    assert queue.get("a") == claimed
    done = finish(queue, claimed)
    assert (done.state, done.ended, done.is_ended) == (DONE, 200.0, True)


def test_a_change_and_its_entries_are_stored_only_if_there_is_a_change(queue):
    queue.add(item("a"))
    unchanged = queue.update("a", lambda item: None, LINE)
    assert unchanged == queue.get("a")
    assert [*queue._store.read("s")] == []
    changed = queue.update("a", lambda item: ended(item, CANCELLED, 9.0), LINE)
    assert changed == queue.get("a")
    assert len([*queue._store.read("s")]) == 1
    with pytest.raises(ZeroDivisionError):
        queue.update("a", lambda item: 1 / 0, LINE)
    assert len([*queue._store.read("s")]) == 1


def test_nothing_is_claimed_while_the_queue_is_paused(queue):
    queue.add(item("a"))
    queue.pause(paused=True)
    assert (queue.is_paused(), take(queue)) == (True, None)
    queue.pause(paused=False)
    assert (queue.is_paused(), take(queue).id) == (False, "a")


def test_items_are_selected_and_listed_in_pages(queue):
    for number, session in enumerate("sstts"):
        queue.add(item(str(number), session, owner="ann" if number % 2 else "bob"))
    finish(queue, take(queue))

    def ids(**selection):
        return [each.id for each in queue.items(ItemFilter(**selection))]

    assert ids() == ["4", "3", "2", "1", "0"]
    assert ids(states=(WAITING, RUNNING)) == ["4", "3", "2", "1"]
    assert ids(states=(DONE,)) == ["0"]
    assert ids(session="t") == ["3", "2"]
    assert ids(owner="ann") == ["3", "1"]
    assert ids(limit=2) == ["4", "3"]
    last = queue.get("3")
    assert ids(limit=2, before=(last.created, last.id)) == ["2", "1"]
    assert ids(limit=0) == []


@pytest.mark.parametrize("method", ["get", "update", "move"])
def test_an_item_that_is_not_there_is_reported(queue, method):
    queue.add(item("a"))
    calls = {
        "get": lambda: queue.get("x"),
        "update": lambda: queue.update("x", lambda item: item),
        "move": lambda: queue.move("a", "x"),
    }
    with pytest.raises(errors.ItemMissing) as refused:
        calls[method]()
    assert refused.value.message == "there is no item `x` in the queue"
    assert refused.value.item == "x"


def test_a_running_item_and_one_that_has_ended_cannot_be_moved(queue):
    for id_, session in zip("abc", "stu", strict=True):
        queue.add(item(id_, session))
    finish(queue, take(queue))
    take(queue)
    with pytest.raises(errors.ItemNotWaiting, match="item `a` has ended, so its place cannot be changed"):
        queue.move("a", "c")
    with pytest.raises(errors.ItemNotWaiting, match="item `b` is running, so its place cannot be changed"):
        queue.move("c", "b")


def test_items_can_be_moved_to_the_same_place_again_and_again(queue):
    for id_ in "abz":
        queue.add(item(id_))
    for number in range(150):
        queue.add(item(f"m{number}"))
        queue.move(f"m{number}", "z")
    queue.move("a", "a")
    assert drained(queue) == " ".join(["a", "b", *[f"m{number}" for number in range(150)], "z"])


def test_an_interrupted_item_waits_again_and_keeps_when_it_first_started(queue):
    queue.add(item("a"))
    take(queue, now=5.0)
    queue.update("a", put_back)
    again = take(queue, now=9.0)
    assert (again.id, again.started, again.claim.turn) == ("a", 5.0, 2)


def test_an_item_that_crashes_the_program_before_anything_is_recorded_is_set_aside(queue):
    queue.add(item("a"))
    for number in range(MOST_DEATHS):
        claimed = take(queue)
        found = queue.update("a", lambda item: orphaned(item, length=item.claim.seen, boot="b", now=7.0))
        assert found.claim.deaths == number + 1
        assert claimed.state == RUNNING
    assert (found.state, found.error.code, found.ended) == (SET_ASIDE, "set_aside", 7.0)
    assert found.error.message == "it crashed the program 3 times before a node had ended, so it is set aside"


@pytest.mark.parametrize("how", [{"length": 5, "boot": "b"}, {"length": 0, "boot": "later"}])
def test_a_crash_does_not_count_after_progress_or_a_restart_of_the_machine(queue, how):
    queue.add(item("a"))
    take(queue)
    queue.update("a", lambda item: orphaned(tried(item, deaths=2), now=7.0, **how))
    assert (queue.get("a").state, queue.get("a").claim.deaths, queue.get("a").place.first) == (WAITING, 0, True)


def test_items_are_removed_with_their_session(queue):
    queue.add(item("a"))
    queue.add(item("b", "t"))
    queue._store.delete("s")
    assert [each.id for each in queue.items()] == ["b"]
    with pytest.raises(errors.ItemMissing):
        queue.get("a")
    assert drained(queue) == "b"


def test_of_the_items_that_have_ended_the_latest_are_kept(queue, monkeypatch):
    monkeypatch.setattr(f"{type(queue).__module__}.KEPT_ENDED", 3)
    assert KEPT_ENDED == 1000
    for number in range(6):
        queue.add(item(str(number)))
    drained(queue, most=5)
    queue.add(item("last"))
    assert [each.id for each in queue.items()] == ["last", "5", "4", "3", "2"]


def test_a_lease_is_held_until_it_is_released(queue):
    assert not queue.is_held("c1")
    queue.hold("c1")
    assert queue.is_held("c1")
    queue.release("c1")
    assert not queue.is_held("c1")
