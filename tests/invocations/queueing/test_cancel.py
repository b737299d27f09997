"""Items are cancelled wherever they are, and end as their lines do."""

from __future__ import annotations

import pytest

from invocations.queueing.base import CANCELLED, DONE, FAILED, RUNNING, WAITING, ItemFilter


def test_a_waiting_item_is_cancelled_at_once_and_its_line_ends(desk):
    desk.coordinator.pause()
    session = desk.session("number")
    item = desk.add_line(session, "number")
    cancelled = desk.coordinator.cancel(item.id)
    assert (cancelled.state, cancelled.ended > 0) == (CANCELLED, True)
    assert desk.coordinator.cancel(item.id) == cancelled
    assert [line.outcome for line in session.lines] == ["", "cancelled"]
    desk.coordinator.pause(paused=False)
    assert desk.states(item) == [WAITING, CANCELLED]
    assert desk.kinds(session) == []


def test_a_running_item_is_cancelled_at_its_next_step(desk, held):
    session = desk.session("slow", "number")
    item = desk.coordinator.enqueue(session.id)
    desk.until(lambda: desk.started(session))
    told = desk.coordinator.cancel(item.id)
    assert told.state == CANCELLED or (told.state, told.claim.cancelled) == (RUNNING, True)
    assert desk.end(item).state == CANCELLED
    assert desk.kinds(session)[-1] == "session_cancelled"
    assert session.results == {}


@pytest.mark.parametrize(("kind", "state"), [("number", DONE), ("picky 13", FAILED)])
def test_an_item_that_is_cancelled_after_its_last_node_ends_as_its_line_does(desks, kind, state):
    desk = desks()
    session = desk.session()
    item = desk.add_line(session, kind)
    told = desk._event

    def cancel(session_id, event):
        told(session_id, event)
        if event.event in ("node_finished", "node_failed"):
            desk.coordinator.cancel(item.id)

    desk.coordinator._announcer._on_event = cancel
    desk.coordinator.start()
    assert desk.end(item).state == state
    assert [line.outcome for line in session.lines] == [state]


def test_everything_in_a_session_is_cancelled(desk, held):
    session, other = desk.session("slow"), desk.session("number")
    running = desk.coordinator.enqueue(session.id)
    desk.until(lambda: desk.started(session))
    waiting, others = desk.coordinator.enqueue(session.id), desk.coordinator.enqueue(other.id)
    cancelled = desk.coordinator.cancel_all(ItemFilter(session=session.id))
    assert {item.id for item in cancelled} == {running.id, waiting.id}
    assert [desk.end(item).state for item in (running, waiting, others)] == [CANCELLED, CANCELLED, DONE]
