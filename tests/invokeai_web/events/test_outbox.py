"""What waits for Redis: in order, limited, and transient events go first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from invokeai_web.events.outbox import MAX_SENT, Outbox
from tests.invokeai_web.events.material import ended, lines, public, said, started


def drained(outbox: Outbox) -> list[tuple[str, list[str]]]:
    """Send everything; return the session and the names of the events of each sending."""
    found = []
    while outbox:
        first = outbox.first()
        found.append((first.session, ["kept" if event.is_kept else "transient" for event in first.events]))
        outbox.sent()
    return found


def test_events_of_one_session_are_sent_together_in_order() -> None:
    outbox = Outbox()
    for session in ("first", "a", "a", "b", "a"):
        outbox.add(session, lines("x"))
    assert [session for session, _ in drained(outbox)] == ["first", "a", "b", "a"]


def test_no_more_events_are_sent_together_than_a_batch_has() -> None:
    outbox = Outbox()
    outbox.add("first", lines("x"))
    for _ in range(5):
        outbox.add("a", lines(*["x"] * 100))
    assert max(len(events) for _, events in drained(outbox)) <= MAX_SENT


def test_if_there_are_too_many_transient_events_go_and_clients_need_not_know() -> None:
    outbox = Outbox(max_events=6)
    outbox.add("first", public(started()))
    outbox.add("a", public(started(), said("x"), ended()))
    outbox.add("b", public(started(), said("x"), ended()))
    assert outbox.lost == set()
    assert drained(outbox) == [("first", ["transient"]), ("a", ["kept"]), ("b", ["kept"])]


def test_if_what_is_left_is_still_too_much_the_oldest_goes_and_its_session_is_noted() -> None:
    outbox = Outbox(max_events=3)
    outbox.add("first", public(ended()))
    for session in ("a", "b", "c"):
        outbox.add(session, public(ended()))
    assert outbox.lost == {"a"}
    assert [session for session, _ in drained(outbox)] == ["first", "b", "c"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.booleans(), max_size=5), st.booleans()), max_size=40))
def test_whatever_is_added_the_limits_hold_and_what_is_kept_arrives_or_is_noted(
    added: list[tuple[str, list[bool], bool]],
) -> None:
    outbox = Outbox(max_events=8)
    wanted: dict[str, int] = {}
    arrived: dict[str, int] = {}

    def send() -> None:
        first = outbox.first()
        arrived[first.session] = arrived.get(first.session, 0) + sum(event.is_kept for event in first.events)
        outbox.sent()

    for session, kinds, sends in added:
        outbox.add(session, public(*[ended() if is_kept else said("x") for is_kept in kinds]))
        wanted[session] = wanted.get(session, 0) + sum(kinds)
        assert len(outbox) <= 8 + 5, "what is on its way is never dropped"
        if sends and outbox:
            send()
    while outbox:
        send()
    assert len(outbox) == 0
    for session, count in wanted.items():
        assert arrived.get(session, 0) == count or session in outbox.lost
