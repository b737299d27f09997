"""A store that fails for a while, as when the disk is full: items wait, none is lost, and none is done twice."""

from __future__ import annotations

import pytest

from invocations.errors import StoreFailed
from invocations.events import NodeFinished
from invocations.queueing.base import DONE, RUNNING, WAITING

FULL = StoreFailed("sessions.sqlite", "the disk is full", "free some disk space")


@pytest.fixture
def fails(monkeypatch):
    """Return a function that lets a method of an object fail on chosen calls, counted from 0."""
    monkeypatch.setattr("invocations.queueing.slot_thread.RETRY_S", 0.01)

    def fail(target, name, calls):
        method, made = getattr(target, name), []

        def failing(*arguments, **named):
            made.append(name)
            if len(made) - 1 in calls:
                raise FULL
            return method(*arguments, **named)

        monkeypatch.setattr(target, name, failing)
        return made

    return fail


def test_an_item_waits_until_the_store_works_again_and_its_error_says_why(desks, any_store, fails):
    desk = desks()
    session = desk.session("number", "number", "number")
    item = desk.coordinator.enqueue(session.id)
    fails(any_store, "append", {1, 2, 4})
    desk.coordinator.start()
    assert desk.end(item).state == DONE
    waited = [each.error.message for each in desk.told if each.id == item.id and each.state == WAITING and each.error]
    assert len(waited) == 3
    assert "the disk is full" in waited[0]
    assert desk.coordinator.item(item.id).error is None
    finished = [each.node_id for each in any_store.read(session.id) if isinstance(each, NodeFinished)]
    assert sorted(finished) == ["n1", "n2", "n3"]


def test_the_end_of_an_item_is_recorded_as_soon_as_the_store_works_again(desks, fails):
    desk = desks()
    item = desk.coordinator.enqueue(desk.session("number").id)
    updates = fails(desk.invoker.queue, "update", {0, 1, 2})
    desk.coordinator.start()
    assert desk.end(item).state == DONE
    assert len(updates) == 4
    assert [each for each in desk.states(item) if each != WAITING] == [RUNNING, DONE]


def test_claims_go_on_after_the_store_has_failed(desks, fails):
    desk = desks()
    item = desk.coordinator.enqueue(desk.session("number").id)
    fails(desk.invoker.queue, "claim", {0, 1})
    desk.coordinator.start()
    assert desk.end(item).state == DONE


def test_a_shutdown_does_not_wait_for_a_store_that_fails_and_the_next_program_ends_the_item(desks, fails):
    desk = desks()
    session = desk.session("number")
    item = desk.coordinator.enqueue(session.id)
    failing = {*range(1000)}
    updates = fails(desk.invoker.queue, "update", failing)
    desk.coordinator.start()
    desk.until(lambda: "session_finished" in desk.kinds(session))
    while not updates:
        desk.coordinator._announcer.changed.wait(-1, 0.01)
    desk.coordinator.shutdown(0.0)
    assert desk.coordinator.item(item.id).state == RUNNING
    failing.clear()
    again = desks()
    again.coordinator.start()
    assert again.end(item).state == DONE
    assert again.kinds(session).count("node_finished") == 0
