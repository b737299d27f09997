"""The end of a program, and the next one: what was running waits again and ends as it would have."""

from __future__ import annotations

import threading

import pytest

from invocations.events import NodeFinished
from invocations.queueing.base import ALL, CANCELLED, DONE, FAILED, NEXT, RETRY, RUNNING, SET_ASIDE, WAITING
from invocations.queueing.changes import MOST_DEATHS
from invocations.running.deaths import boot_id
from invocations.sessions.journal import Began
from tests.invocations.queueing.desk import Desk
from tests.invocations.queueing.items import take


def test_a_shutdown_lets_running_items_end_and_begins_no_others(desk, held):
    session = desk.session("slow")
    running, waiting = desk.coordinator.enqueue(session.id), desk.coordinator.enqueue(desk.session("number").id)
    desk.until(lambda: desk.started(session))
    threading.Timer(0.05, held.set).start()
    assert desk.coordinator.shutdown() == []
    assert [desk.coordinator.item(item.id).state for item in (running, waiting)] == [DONE, WAITING]
    assert desk.coordinator.shutdown() == []


def test_a_shutdown_stops_running_items_as_soon_as_it_is_asked_to(desk, held):
    session = desk.session("slow")
    item = desk.coordinator.enqueue(session.id)
    desk.until(lambda: desk.started(session))
    answers = [False, True]
    (stopped,) = desk.coordinator.shutdown(1000.0, at_once=lambda: answers.pop(0))
    assert (stopped.id, stopped.state, answers) == (item.id, WAITING, [])


def test_a_run_that_does_not_stop_is_left_alone_and_its_item_waits(desk, held, monkeypatch):
    session = desk.session("slow")
    item = desk.coordinator.enqueue(session.id)
    desk.until(lambda: desk.started(session))
    monkeypatch.setattr("invocations.running.local.LocalRun.cancel", lambda run: None)
    (stopped,) = desk.coordinator.shutdown(0.0, grace=0.0)
    assert (stopped.id, stopped.state) == (item.id, WAITING)
    held.set()
    desk.until(lambda: desk.kinds(session)[-1:] == ["session_finished"])
    desk.coordinator._slots[0].join(30.0)
    assert desk.coordinator.item(item.id).state == WAITING


def test_a_shutdown_stops_items_that_take_too_long_and_the_next_program_runs_them_first(desks, held):
    desk = desks()
    desk.coordinator.start()
    session = desk.session("number", "slow")
    item = desk.coordinator.enqueue(session.id)
    others = [desk.coordinator.enqueue(desk.session("number").id, priority=9) for _ in range(2)]
    desk.until(lambda: desk.started(session) and desk.coordinator.item(item.id).state == RUNNING)
    (stopped,) = desk.coordinator.shutdown(0.0)
    assert (stopped.id, stopped.state, stopped.place.first) == (item.id, WAITING, True)
    assert desk.states(item)[-1] == WAITING
    assert [line.outcome for line in session.lines] == ["done", ""]
    held.set()
    again = desks()
    assert [line.number for line in again.invoker.open(session.id).open_lines] == [2]
    again.coordinator.start()
    assert [again.end(each).state for each in (item, *others)] == [DONE, DONE, DONE]
    assert next(each.id for each in again.told if each.state == RUNNING) == item.id
    ran = [event.node_id for id_, event in again.events if id_ == session.id and isinstance(event, NodeFinished)]
    assert ran == ["n2"]
    assert [line.outcome for line in again.invoker.open(session.id).lines] == ["done", "done"]


def test_an_item_that_was_cancelled_while_the_program_ended_is_cancelled(desk, held):
    session = desk.session("slow")
    item = desk.coordinator.enqueue(session.id)
    desk.until(lambda: desk.started(session))
    desk.coordinator.cancel(item.id)
    assert desk.coordinator.shutdown(0.0) == []
    assert desk.coordinator.item(item.id).state == CANCELLED
    assert [line.outcome for line in session.lines] == ["cancelled"]


@pytest.mark.parametrize("events", [0, 1, 2, 3])
def test_the_item_of_a_program_that_died_is_taken_over_first_and_runs_what_is_left(desks, any_store, events):
    before = Desk(any_store)
    session = before.session("number", "number", "number")
    item = before.coordinator.enqueue(session.id)
    other = before.coordinator.enqueue(before.session("number").id, priority=50)
    before.coordinator.change(item.id, priority=90)
    claimed = take(before.invoker.queue, claimant="dead")
    for _, event in zip(range(events), before.invoker.step(session.id), strict=False):
        del event
    desk = desks()
    desk.coordinator.start()
    assert claimed.id == item.id
    assert [desk.end(each).state for each in (item, other)] == [DONE, DONE]
    assert [each.id for each in desk.told if each.state == RUNNING] == [item.id, other.id]
    results = desk.invoker.open(session.id).results
    assert [results[f"n{number}", ()]["value"] for number in (1, 2, 3)] == [1, 2, 3]
    log = [*any_store.read(session.id)]
    assert sum(isinstance(entry, NodeFinished) for entry in log) == 3


def test_the_item_of_a_coordinator_that_is_at_work_is_left_alone(desks, any_store, held):
    first = desks()
    first.coordinator.start()
    session = first.session("slow")
    item = first.coordinator.enqueue(session.id)
    first.until(lambda: first.started(session))
    second = desks()
    second.coordinator.start()
    assert second.coordinator.item(item.id).claim.claimant == first.coordinator.id
    held.set()
    assert first.end(item).state == DONE
    assert second.told == []


def test_the_next_node_does_not_run_twice_if_the_program_died_after_it(desks, any_store):
    before = Desk(any_store)
    session = before.session("number", "number", "number")
    item = before.coordinator.enqueue(session.id, NEXT)
    take(before.invoker.queue, claimant="dead")
    list(before.invoker.step(session.id))
    desk = desks()
    desk.coordinator.start()
    assert desk.end(item).state == DONE
    assert len(desk.invoker.open(session.id).results) == 1


def test_a_retry_goes_on_with_the_nodes_that_it_began_with(desks, any_store, cure):
    before = Desk(any_store)
    session = before.session("picky 13", "picky 13", "picky 13")
    list(before.invoker.run(session.id))
    item = before.coordinator.enqueue(session.id, RETRY)
    take(before.invoker.queue, claimant="dead")
    cure()
    run = before.invoker.retry(session.id)
    while len(session.results) < 1:
        next(run)
    run.end()
    desk = desks()
    desk.coordinator.start()
    assert (desk.end(item).state, desk.coordinator.item(item.id).nodes) == (DONE, ("n1", "n2", "n3"))
    again = desk.invoker.open(session.id)
    assert len(again.results) == 3
    assert [line.outcome for line in again.lines] == ["done", "done", "done"]


def test_an_item_fails_if_a_node_failed_before_the_program_died(desks, any_store):
    before = Desk(any_store)
    session = before.session("picky 13", "number")
    item = before.coordinator.enqueue(session.id)
    take(before.invoker.queue, claimant="dead")
    run = before.invoker.step(session.id)
    list(run)
    desk = desks()
    desk.coordinator.start()
    found = desk.end(item)
    assert (found.state, found.error.message) == (FAILED, "13 is not liked")
    assert desk.kinds(session)[-1] == "session_failed"
    assert [line.outcome for line in desk.invoker.open(session.id).lines] == ["failed", "done"]


def test_an_item_that_was_to_be_cancelled_when_the_program_died_is_cancelled(desks, any_store):
    before = Desk(any_store)
    session = before.session("number")
    item = before.add_line(session, "number")
    take(before.invoker.queue, claimant="dead")
    before.invoker.cancel(item.id)
    desk = desks()
    desk.coordinator.start()
    assert desk.end(item).state == CANCELLED
    assert [line.outcome for line in desk.invoker.open(session.id).lines] == ["", "cancelled"]


def test_an_item_that_crashes_every_program_before_a_node_ends_is_set_aside(desks, any_store):
    before = Desk(any_store)
    item = before.coordinator.enqueue(before.session("number").id)
    for _ in range(MOST_DEATHS):
        desk = desks()
        desk.coordinator.pause()
        assert take(desk.invoker.queue) is None
        desk.coordinator.pause(paused=False)
        assert take(desk.invoker.queue, claimant="dead", boot=boot_id()).id == item.id
        desk.coordinator._take_over()
    found = desk.coordinator.item(item.id)
    assert (found.state, found.error.code) == (SET_ASIDE, "set_aside")
    assert desk.states(item) == [SET_ASIDE]


def test_the_death_of_a_node_is_counted_for_the_node_and_not_for_the_item(desks, any_store):
    desk = desks()
    session = desk.session("number")
    item = desk.coordinator.enqueue(session.id, ALL)
    for number in range(5):
        take(desk.invoker.queue, claimant="dead")
        any_store.append(session.id, Began("n1", "number", (), float(number)))
        desk.coordinator._take_over()
    assert (desk.coordinator.item(item.id).state, desk.coordinator.item(item.id).claim.deaths) == (WAITING, 0)


def test_a_queue_can_start_paused(desks):
    desk = desks()
    item = desk.coordinator.enqueue(desk.session("number").id)
    desk.coordinator.start(paused=True)
    assert desk.coordinator.wait(item.id, 0.05).state == WAITING
    desk.coordinator.pause(paused=False)
    assert desk.end(item).state == DONE
