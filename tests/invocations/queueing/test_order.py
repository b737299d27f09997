"""Which item runs next: priority, turns of owners and sessions, lines before batches, loaded models."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from invocations.queueing.base import ItemFilter
from invocations.queueing.memory import MemoryQueue
from invocations.queueing.order import MOST_PASSED, PASSED_S, TYPED_IN_A_ROW, arranged
from invocations.storing.memory import MemoryStore
from tests.invocations.queueing.items import drained, finish, item, take

WAITING = ItemFilter(("waiting",))


def test_the_items_of_a_session_run_in_the_order_in_which_they_were_added(queue):
    for id_ in "abc":
        queue.add(item(id_))
    assert drained(queue) == "a b c"


def test_an_item_with_a_higher_priority_runs_first(queue):
    queue.add(item("a"))
    queue.add(item("b", priority=5))
    queue.add(item("c", "t", priority=-5))
    queue.add(item("d", "u", priority=5))
    assert drained(queue) == "b d a c"


def test_sessions_take_turns(queue):
    for id_, session in zip("abcdef", "ssssts", strict=True):
        queue.add(item(id_, session))
    assert drained(queue, most=3) == "a e b"
    queue.add(item("g", "u"))
    assert drained(queue) == "g c d f"


def test_owners_take_turns_regardless_of_how_many_sessions_they_have(queue):
    for id_, session in zip("abcd", "ssts", strict=True):
        queue.add(item(id_, session))
    for id_ in "xy":
        queue.add(item(id_, "u", owner="other"))
    assert drained(queue) == "a x c y b d"


def test_a_line_typed_by_hand_goes_before_batches(queue):
    queue.add(item("a", batch=True))
    queue.add(item("b", "t", batch=True))
    queue.add(item("c", "u"))
    assert drained(queue) == "c a b"


def test_batches_are_not_starved_by_lines(queue):
    queue.add(item("batch", "t", batch=True))
    for number in range(TYPED_IN_A_ROW + 2):
        queue.add(item(f"line{number}"))
    assert drained(queue).split().index("batch") == TYPED_IN_A_ROW


def test_an_item_whose_model_is_loaded_goes_before_others_a_few_times(queue):
    queue.add(item("a", "s", model="sdxl"))
    for number in range(MOST_PASSED + 2):
        session = f"t{number}"
        queue._store.create(session, 1.0)
        queue.add(item(f"m{number}", session, model="sd15"))
    assert drained(queue, "sd15") == "m0 m1 m2 a m3 m4"


def test_an_item_that_was_passed_too_long_ago_runs_next(queue):
    queue.add(item("a", "s", model="sdxl"))
    queue.add(item("m", "t", model="sd15"))
    queue.add(item("n", "u", model="sd15"))
    finish(queue, take(queue, "sd15", now=100.0))
    assert queue.get("a").place.passed == 1
    assert take(queue, "sd15", now=100.0 + PASSED_S).id == "a"


def test_a_loaded_model_changes_neither_the_priority_nor_the_order_within_a_session(queue):
    queue.add(item("a", "s", model="sdxl", priority=1))
    queue.add(item("b", "t", model="sdxl"))
    queue.add(item("c", "t", model="sd15"))
    queue.add(item("d", "u", model="sd15", batch=True))
    assert drained(queue, "sd15") == "a b c d"


def test_an_interrupted_item_goes_before_all_others(queue):
    queue.add(item("a", priority=9))
    queue.add(item("b", "t"))
    queue.update("b", lambda item: replace(item, place=replace(item.place, first=True)))
    assert drained(queue) == "b a"


def test_a_moved_item_takes_the_turn_of_the_item_before_which_it_was_moved(queue):
    for id_, session in zip("abcde", "sstuu", strict=True):
        queue.add(item(id_, session))
    assert [each.id for each in arranged(queue.items(WAITING), queue.turns())] == ["a", "c", "d", "b", "e"]
    queue.move("e", "a")
    queue.move("b", "a")
    assert drained(queue) == "e c d b a"


requests = st.lists(
    st.tuples(st.sampled_from("stuvw"), st.sampled_from(("ann", "bob")), st.integers(0, 2), st.booleans()), max_size=25
)


def filled(requested):
    store = MemoryStore()
    queue = MemoryQueue(store)
    for session in "stuvw":
        store.create(session, 1.0)
    for number, (session, owner, priority, batch) in enumerate(requested):
        queue.add(item(f"i{number}", session, owner=owner, priority=priority, batch=batch))
    return queue


@given(requests, st.integers(0, 10))
def test_items_run_in_the_order_that_was_announced(requested, done):
    queue = filled(requested)
    drained(queue, most=done)
    announced = " ".join(each.id for each in arranged(queue.items(WAITING), queue.turns()))
    assert drained(queue) == announced


@given(st.lists(st.sampled_from("stuvw"), max_size=40))
def test_while_a_session_waits_no_other_session_has_two_turns(sessions):
    queue = filled([(session, "ann", 0, False) for session in sessions])
    ran = [int(id_[1:]) for id_ in drained(queue).split()]
    for session in "stuvw":
        turns = [place for place, number in enumerate(ran) if sessions[number] == session]
        for before, after in pairwise(turns):
            between = [sessions[number] for number in ran[before + 1 : after]]
            assert len(between) == len(set(between))
