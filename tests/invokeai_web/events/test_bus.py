"""What every bus does, in one process or in several."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invokeai_web.events.base import Batch, EventBus, Position, Preview, Reset
from invokeai_web.events.stream import events_after
from tests.invokeai_web.events.material import (
    DEADLINE_S,
    SESSION,
    ended,
    lines,
    messages,
    numbers,
    progress,
    public,
    said,
    started,
    take,
    wait_until,
)


def published(bus: EventBus, session: str, last: int) -> None:
    """Wait until the bus has numbered so many events."""
    wait_until(lambda: bus.position(session).last == last)


def test_events_are_numbered_from_one_in_each_session(bus: EventBus) -> None:
    bus.publish("a", lines("1", "2"))
    bus.publish("b", lines("1"))
    bus.publish("a", lines("3"))
    published(bus, "a", 3)
    published(bus, "b", 1)
    found = bus.read("a", 0)
    assert numbers(found) == [1, 2, 3]
    assert isinstance(found, Batch)
    assert messages(found.events) == ["1", "2", "3"]
    assert numbers(bus.read("a", 2)) == [3]
    assert numbers(bus.read("b", 0)) == [1]


def test_a_session_without_events_has_a_position_that_stays(bus: EventBus) -> None:
    before = bus.position("new")
    assert before.last == 0
    assert bus.read("new", 0, before.epoch) == Batch("new", before.epoch, 0, 0, ())
    bus.publish("new", lines("1"))
    published(bus, "new", 1)
    assert bus.position("new") == Position(before.epoch, 1)
    assert numbers(bus.read("new", 0, before.epoch)) == [1]


def test_a_number_that_does_not_exist_and_another_epoch_are_a_reset(bus: EventBus) -> None:
    bus.publish(SESSION, lines("1"))
    published(bus, SESSION, 1)
    epoch = bus.position(SESSION).epoch
    reset = Reset(SESSION, epoch, 1)
    assert [bus.read(SESSION, 2), bus.read(SESSION, -1), bus.read(SESSION, 1, "other")] == [reset] * 3


def test_of_progress_only_the_newest_is_read_again(bus: EventBus) -> None:
    bus.publish(SESSION, public(started(), progress(1), progress(1, "other")))
    bus.publish(SESSION, public(progress(2), said("x")))
    published(bus, SESSION, 5)
    assert numbers(bus.read(SESSION, 0)) == [1, 3, 4, 5]
    bus.publish(SESSION, public(progress(3), ended()))
    published(bus, SESSION, 7)
    assert numbers(bus.read(SESSION, 0)) == [1, 3, 5, 6, 7]


def test_the_oldest_events_go_if_there_are_too_many(bus: EventBus) -> None:
    for start in range(0, 6_000, 200):
        bus.publish(SESSION, lines(*map(str, range(start, start + 200))))
        published(bus, SESSION, start + 200)
    assert isinstance(bus.read(SESSION, 0), Reset)
    assert numbers(bus.read(SESSION, 1_200)) == list(range(1_201, 6_001))


def test_the_oldest_events_go_if_they_are_too_large(bus: EventBus) -> None:
    for number in range(1, 11):
        bus.publish(SESSION, lines("x" * 1_000_000))
        published(bus, SESSION, number)
    assert isinstance(bus.read(SESSION, 4), Reset)
    assert numbers(bus.read(SESSION, 8)) == [9, 10]


def test_a_follower_receives_batches_and_previews_of_the_sessions_that_it_watches(bus: EventBus) -> None:
    preview = Preview(SESSION, "n", (1, 2), 0, 3, 20, 8, 4, b"\x00webp\n\xff")

    async def follow() -> tuple[Batch, Preview, Batch]:
        follower = bus.follow()
        await follower.watch(SESSION)
        await follower.watch("other")
        await follower.unwatch("other")
        bus.publish("other", lines("hidden"))
        bus.publish(SESSION, lines("a", "b"), preview)
        first, shown = await take(follower), await take(follower)
        bus.publish(SESSION, public(progress(4)))
        last = await take(follower)
        await follower.close()
        return (first, shown, last) if isinstance(first, Batch) else (shown, first, last)

    first, shown, last = asyncio.run(follow())
    assert (first.session, first.after, first.last, messages(first.events)) == (SESSION, 0, 2, ["a", "b"])
    assert (shown.number, shown.data, shown.path, shown.step, shown.node) == (2, preview.data, (1, 2), 3, "n")
    assert (last.after, last.last, last.epoch, last.events[0].event.progress_of) == (2, 3, first.epoch, ("blur_1", ()))


def test_a_session_may_be_watched_while_others_are_followed(bus: EventBus) -> None:
    async def follow() -> list[str]:
        follower = bus.follow()
        await follower.watch("first")
        bus.publish("first", lines("1"))
        await take(follower)
        await follower.watch("second")
        bus.publish("second", lines("2"))
        found = await take(follower)
        await follower.close()
        return messages(found.events)

    assert asyncio.run(follow()) == ["2"]


def test_previews_are_wanted_while_anybody_watches_them(bus: EventBus) -> None:
    assert not bus.wants_previews(SESSION)
    bus.want_previews(SESSION, True)
    bus.want_previews(SESSION, True)
    bus.want_previews(SESSION, False)
    assert bus.wants_previews(SESSION)
    bus.want_previews(SESSION, False)
    assert not bus.wants_previews(SESSION)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(0, 7))
def test_a_reader_that_begins_at_any_number_sees_each_event_once(bus: EventBus, sizes: list[int], cut: int) -> None:
    """The session of each example is named after its batches, because the bus is shared by all examples."""
    session = f"s{sizes}{cut}"
    total = sum(sizes)

    async def read() -> list[str]:
        found: list[str] = []
        said_so_far = 0
        async with asyncio.timeout(DEADLINE_S):
            while len(found) < total:
                async with aclosing(events_after(bus, session, len(found))) as stream:
                    async for each in stream:
                        assert isinstance(each, Batch)
                        found += messages(each.events)
                        if sizes[: len(sizes) - said_so_far] and said_so_far < len(sizes):
                            size = sizes[said_so_far]
                            start = sum(sizes[:said_so_far])
                            bus.publish(session, lines(*map(str, range(start, start + size))))
                            said_so_far += 1
                        elif len(found) >= total:
                            break
                        if said_so_far == cut:
                            break  # cut off, and connected again from the last number
        return found

    if bus.position(session).last == 0:
        assert asyncio.run(read()) == [str(number) for number in range(total)]
