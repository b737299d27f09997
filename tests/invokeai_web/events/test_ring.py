"""The ring of one session: limits, numbers, progress, and what a reader has missed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from invokeai_web.events.ring import Ring
from tests.invokeai_web.events.material import ended, lines, progress, public, said, started


def test_numbers_begin_at_one() -> None:
    ring = Ring()
    assert [each.number for each in ring.add(lines("a", "b"))] == [1, 2]
    assert [each.number for each in ring.since(0) or ()] == [1, 2]
    assert [each.number for each in ring.since(1) or ()] == [2]
    assert ring.since(2) == ()


def test_a_number_that_was_never_used_cannot_be_continued() -> None:
    ring = Ring()
    ring.add(lines("a"))
    assert ring.since(2) is None
    assert ring.since(-1) is None


def test_of_progress_only_the_newest_of_each_node_is_kept() -> None:
    ring = Ring()
    ring.add(public(started(), progress(1), progress(1, "other"), progress(2), progress(3)))
    assert [each.number for each in ring.since(0) or ()] == [1, 3, 5]
    ring.add(public(progress(4)))
    assert [each.number for each in ring.since(0) or ()] == [1, 3, 6]


def test_the_oldest_events_are_dropped_if_there_are_too_many() -> None:
    ring = Ring(max_events=3)
    ring.add(lines(*"abcde"))
    assert [each.number for each in ring.since(2) or ()] == [3, 4, 5]
    assert ring.since(1) is None


def test_the_oldest_events_are_dropped_if_they_are_too_large() -> None:
    ring = Ring(max_bytes=1_000)
    ring.add(lines(*["x" * 400] * 5))
    assert len(ring) == 1
    assert ring.size <= 1_000


def test_an_event_larger_than_the_limit_is_numbered_and_not_kept() -> None:
    ring = Ring(max_bytes=100)
    assert [each.number for each in ring.add(lines("x" * 400))] == [1]
    assert (len(ring), ring.size, ring.since(0), ring.since(1)) == (0, 0, None, ())


def test_a_run_has_ended_until_the_next_event() -> None:
    ring = Ring()
    ring.add(public(said("a"), ended()))
    assert ring.has_ended
    ring.add(lines("b"))
    assert not ring.has_ended


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 60)), max_size=60))
def test_whatever_is_added_the_limits_hold_and_a_reader_misses_only_replaced_progress(
    added: list[tuple[bool, int, int]],
) -> None:
    ring = Ring(max_events=10, max_bytes=2_500)
    everything = []
    for is_progress, node, size in added:
        event = progress(size, f"n{node}") if is_progress else said("x" * size)
        everything += ring.add(public(event))
    assert len(ring) <= 10
    assert ring.size <= 2_500
    for after in range(ring.last + 1):
        found = ring.since(after)
        assert (found is None) == (after < ring.dropped)
        if found is not None:
            assert ring.size >= sum(each.size for each in found)
            newest = {each.event.progress_of: each.number for each in everything}
            expected = [
                each.number
                for each in everything[after:]
                if each.event.progress_of is None or newest[each.event.progress_of] == each.number
            ]
            assert [each.number for each in found] == expected
