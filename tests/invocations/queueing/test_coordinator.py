"""The coordinator runs what is in the queue, tells what happens, and takes orders from other threads."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from invocations import errors
from invocations.queueing.base import (
    ALL,
    CANCELLED,
    DONE,
    FAILED,
    LINE,
    NEXT,
    NODES,
    RETRY,
    RUNNING,
    WAITING,
    QueueLimits,
)
from tests.invocations.bench import extension, node
from tests.invocations.queueing.desk import DEADLINE_S


def test_an_item_runs_everything_in_a_session_and_its_changes_and_events_are_told_in_order(desk):
    session = desk.session("number", "dice")
    item = desk.end(desk.coordinator.enqueue(session.id))
    assert (item.state, item.what, item.size, item.worker, item.error) == (DONE, ALL, 2, "w1", None)
    assert item.created <= item.started <= item.ended
    assert desk.states(item) in ([WAITING, RUNNING, DONE], [RUNNING, DONE])
    assert desk.kinds(session)[-1] == "session_finished"
    assert desk.kinds(session).count("node_finished") == 2
    assert [line.outcome for line in session.lines] == ["done", "done"]


def test_a_line_and_the_item_that_runs_it_are_added_together(desk):
    session = desk.session("number")
    item = desk.end(desk.add_line(session, "add 4", priority=3, batch=True, owner="ann"))
    assert (item.state, item.what, item.lines, item.size) == (DONE, LINE, (2,), 1)
    assert (item.priority, item.batch, item.owner) == (3, True, "ann")
    assert session.results["n2", ()] == {"value": 4}
    assert ("n1", ()) not in session.results
    assert [line.outcome for line in session.lines] == ["", "done"]


def test_a_line_that_is_refused_leaves_no_item(desk):
    session = desk.session()
    with pytest.raises(errors.GraphError):
        desk.coordinator.enqueue_graph(session.id, extension([node("x unknown")]))
    desk.invoker.queue.limits = QueueLimits(items=0)
    with pytest.raises(errors.QueueFull):
        desk.add_line(session, "number")
    assert (desk.coordinator.items(), len(session.lines), desk.told) == ([], 0, [])


def test_the_next_node_alone_runs(desk):
    session = desk.session("number", "number", "number")
    for done in (1, 2):
        item = desk.end(desk.coordinator.enqueue(session.id, NEXT))
        assert (item.state, item.size, len(session.results)) == (DONE, 1, done)


def test_chosen_nodes_run_with_what_they_depend_on(desk):
    session = desk.session("number")
    nodes = [node("a number", value=1), node("b add", b=2), node("c add", b=3)]
    desk.invoker.extend(session.id, extension(nodes, "a.value > b.a", "b.value > c.a"))
    item = desk.end(desk.coordinator.enqueue(session.id, NODES, nodes=("b",)))
    assert (item.state, item.size, {id_ for id_, _ in session.results}) == (DONE, 2, {"a", "b"})


def test_an_item_with_a_failed_node_fails_with_its_error_and_a_retry_runs_only_what_failed(desk, cure):
    session = desk.session("number", "picky 13")
    item = desk.end(desk.coordinator.enqueue(session.id))
    assert (item.state, item.error.code, item.error.message) == (FAILED, "node_failed", "13 is not liked")
    assert (item.error.trace, item.error.inputs) == ("", None)
    assert item.to_json()["error"] == {"code": "node_failed", "message": "13 is not liked", "hint": item.error.hint}
    cure()
    before = len(desk.events)
    again = desk.end(desk.coordinator.enqueue(session.id, RETRY))
    assert (again.state, again.nodes, again.size) == (DONE, ("n2",), 1)
    ran = [event.node_id for _, event in desk.events[before:] if event.event == "node_finished"]
    assert ran == ["n2"]
    assert [line.outcome for line in session.lines] == ["done", "done"]


@pytest.mark.parametrize(
    ("what", "more", "message"),
    [
        ("some", {}, "`some` is not one of next, all, line, nodes, failed"),
        (ALL, {"priority": 101}, "the priority 101 is not between -100 and 100"),
        (NODES, {}, "no nodes are named"),
        (NODES, {"nodes": ("x",)}, "there is no node `x`"),
        (ALL, {"recompute": ("y",)}, "there is no node `y`"),
        (LINE, {"lines": (2,)}, "session `{}` has no line 2"),
        (LINE, {}, "no lines are named"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(desk, what, more, message):
    session = desk.session("number")
    with pytest.raises(errors.InvocationError) as refused:
        desk.coordinator.enqueue(session.id, what, **more)
    assert refused.value.message == message.format(session.id)
    assert desk.coordinator.items() == []


def test_a_session_that_is_missing_or_not_trusted_is_refused(desk):
    with pytest.raises(errors.SessionMissing):
        desk.coordinator.enqueue("nowhere")
    session = desk.session("number")
    session.imported = True
    with pytest.raises(errors.SessionNotTrusted):
        desk.coordinator.enqueue(session.id)
    desk.invoker.trust(session.id)
    assert desk.end(desk.coordinator.enqueue(session.id)).state == DONE


def test_a_paused_queue_begins_nothing_until_it_goes_on(desk):
    assert not desk.coordinator.is_paused
    desk.coordinator.pause()
    item = desk.coordinator.enqueue(desk.session("number").id)
    assert desk.coordinator.is_paused
    assert desk.coordinator.wait(item.id, 0.05).state == WAITING
    desk.coordinator.pause(paused=False)
    assert desk.end(item).state == DONE


def test_waiting_items_are_moved_and_change_their_priority(desk):
    desk.coordinator.pause()
    first, second, third = (desk.coordinator.enqueue(desk.session("number").id) for _ in range(3))
    assert desk.coordinator.change(second.id, priority=5).priority == 5
    moved = desk.coordinator.change(third.id, before=second.id)
    assert (moved.priority, moved.place.lane) == (5, second.session)
    with pytest.raises(errors.BadValue, match="between -100 and 100"):
        desk.coordinator.change(first.id, priority=-101)
    desk.coordinator.pause(paused=False)
    for item in (first, second, third):
        desk.end(item)
    assert [item.id for item in desk.told if item.state == RUNNING] == [third.id, second.id, first.id]
    with pytest.raises(errors.ItemNotWaiting):
        desk.coordinator.change(first.id, priority=1)


def test_each_slot_runs_one_item_and_no_session_has_two(desks, held):
    desk = desks(slots=3)
    desk.coordinator.start()
    session, other = desk.session("slow", "slow"), desk.session("slow")
    items = [desk.coordinator.enqueue(session.id, NODES, nodes=(id_,)) for id_ in ("n1", "n2")]
    items.append(desk.coordinator.enqueue(other.id))
    desk.until(lambda: desk.started(session) and desk.started(other))
    running = {info.item for info in desk.coordinator.slots() if info.state == "running"}
    assert running == {items[0].id, items[2].id}
    assert [info.state for info in desk.coordinator.slots()].count("idle") == 1
    assert desk.coordinator.item(items[1].id).state == WAITING
    held.set()
    assert {desk.end(item).state for item in items} == {DONE}


def test_a_session_that_runs_outside_the_queue_is_left_alone_until_that_run_has_ended(desk, held, monkeypatch):
    monkeypatch.setattr("invocations.queueing.slot_thread.RETRY_S", 0.02)
    session, other = desk.session("slow"), desk.session("number")
    run = desk.invoker.run(session.id)
    next(run)
    item, others = desk.coordinator.enqueue(session.id), desk.coordinator.enqueue(other.id)
    desk.until(lambda: any(each.error is not None for each in desk.told if each.id == item.id))
    waiting = next(each for each in desk.told if each.id == item.id and each.error is not None)
    assert (waiting.state, waiting.error.code) == (WAITING, "session_busy")
    assert desk.end(others).state == DONE
    held.set()
    list(run)
    assert (desk.end(item).state, desk.coordinator.item(item.id).error) == (DONE, None)


def test_a_session_that_was_deleted_takes_its_items_along(desk):
    desk.coordinator.pause()
    session, other = desk.session("number"), desk.session("number")
    item, others = desk.coordinator.enqueue(session.id), desk.coordinator.enqueue(other.id)
    desk.invoker.delete(session.id)
    desk.coordinator.pause(paused=False)
    assert desk.end(others).state == DONE
    with pytest.raises(errors.ItemMissing):
        desk.coordinator.item(item.id)


def test_an_application_that_raises_does_not_stop_the_queue(desks, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: reported.append(str(hook.exc_value)))
    desk = desks()
    desk.coordinator._announcer._on_event = lambda session, event: 1 / 0
    desk.coordinator.start()
    items = [desk.coordinator.enqueue(desk.session("number").id) for _ in range(2)]
    assert [desk.end(item).state for item in items] == [DONE, DONE]
    assert {*reported} == {"division by zero"}


def test_an_unexpected_error_fails_the_item_and_the_next_one_runs(desk, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: reported.append(str(hook.exc_value)))
    session, other = desk.session("number"), desk.session("number")
    run = desk.invoker.run
    monkeypatch.setattr(desk.invoker, "run", lambda id_, **how: run(id_, **how) if id_ == other.id else 1 / 0)
    items = [desk.coordinator.enqueue(session.id), desk.coordinator.enqueue(other.id)]
    assert [desk.end(item).state for item in items] == [FAILED, DONE]
    error = desk.coordinator.item(items[0].id).error
    assert (error.code, error.message) == ("unexpected", "ZeroDivisionError: division by zero")
    assert reported == ["division by zero"]


def test_many_threads_add_cancel_and_move_items_at_once(desks):
    desk = desks(slots=2)
    desk.coordinator.start()
    sessions = [desk.session("number", "number") for _ in range(4)]
    items, problems = [], []

    def work(number):
        try:
            for turn in range(8):
                line = extension([node(f"x{number}-{turn} number", value=turn)])
                item = desk.coordinator.enqueue_graph(sessions[(number + turn) % 4].id, line)
                items.append(item)
                if turn % 3 == 0:
                    desk.coordinator.cancel(item.id)
                elif turn % 3 == 1:
                    with suppress(errors.ItemNotWaiting):
                        desk.coordinator.change(item.id, priority=number)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    ended = [desk.end(item) for item in items]
    assert problems == []
    assert {item.state for item in ended} <= {DONE, CANCELLED}
    for item in ended:
        assert desk.states(item)[-1] == item.state
        session = desk.invoker.open(item.session)
        line = session.lines[item.lines[0] - 1]
        assert line.outcome == item.state


def test_previews_are_asked_for_session_by_session(desks, monkeypatch):
    desk = desks(previews=lambda session_id: session_id == watched)
    session, other = desk.session("number"), desk.session("number")
    watched, asked = session.id, {}
    run = desk.invoker.run

    def noted(session_id, *, previews, **how):
        asked[session_id] = previews()
        return run(session_id, **how)

    monkeypatch.setattr(desk.invoker, "run", noted)
    desk.coordinator.start()
    for each in (session, other):
        desk.end(desk.coordinator.enqueue(each.id))
    assert asked == {session.id: True, other.id: False}
