"""The bus of a single process: how long it keeps events, how much, and what followers receive."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from invokeai_web.events.base import KEPT_S, Batch, Position, Reset
from invokeai_web.events.local import MAX_WAITING, LocalBus
from tests.invokeai_web.events.material import SESSION, ended, lines, messages, numbers, public, said, take


class Clock:
    """A clock that tests set."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bus(clock: Clock) -> Iterator[LocalBus]:
    made = LocalBus(now=clock)
    yield made
    made.close()


def test_events_are_kept_for_ten_minutes_after_the_end_of_a_run(bus: LocalBus, clock: Clock) -> None:
    bus.publish(SESSION, public(said("a"), ended()))
    clock.seconds = KEPT_S - 1
    assert numbers(bus.read(SESSION, 0)) == [1, 2]
    clock.seconds = KEPT_S
    assert bus.read(SESSION, 0) == Reset(SESSION, bus.epoch, 2)
    assert numbers(bus.read(SESSION, 2)) == []


def test_a_session_whose_events_were_dropped_continues_its_numbers(bus: LocalBus, clock: Clock) -> None:
    bus.publish(SESSION, public(said("a"), ended()))
    clock.seconds = KEPT_S
    bus.publish(SESSION, lines("b"))
    assert numbers(bus.read(SESSION, 2)) == [3]
    assert isinstance(bus.read(SESSION, 0), Reset)


def test_events_of_a_run_that_goes_on_are_kept(bus: LocalBus, clock: Clock) -> None:
    bus.publish(SESSION, public(said("a"), ended()))
    bus.publish(SESSION, lines("b"))
    clock.seconds = 10 * KEPT_S
    assert numbers(bus.read(SESSION, 0)) == [1, 2, 3]


def test_all_rings_together_have_a_limit_and_the_one_used_longest_ago_is_dropped_first() -> None:
    bus = LocalBus(max_total_bytes=3_000)
    for session in ("a", "b", "c"):
        bus.publish(session, lines("x" * 1_200))
    assert isinstance(bus.read("a", 0), Reset)
    assert [numbers(bus.read(session, 0)) for session in ("b", "c")] == [[1], [1]]


def test_numbers_of_forgotten_sessions_are_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invokeai_web.events.local.MAX_REMEMBERED", 1)
    bus = LocalBus(max_total_bytes=1)
    bus.publish("a", lines("1", "2", "3"))
    bus.publish("b", lines("1"))
    bus.publish("c", lines("1"))
    assert bus.position("a") == Position(bus.epoch, 3)
    assert bus.position("never seen") == Position(bus.epoch, 3)


def test_another_epoch_is_a_reset(bus: LocalBus) -> None:
    bus.publish(SESSION, lines("a"))
    assert bus.read(SESSION, 1, "of another process") == Reset(SESSION, bus.epoch, 1)


def test_each_process_has_an_epoch_of_its_own() -> None:
    assert LocalBus().epoch != LocalBus().epoch


def test_a_closed_event_loop_does_not_disturb_a_run(bus: LocalBus) -> None:
    async def leave() -> None:
        await bus.follow().watch(SESSION)

    asyncio.run(leave())
    bus.publish(SESSION, lines("a"))
    assert bus.position(SESSION).last == 1


def test_a_reader_that_is_slow_keeps_only_the_newest_batches(bus: LocalBus) -> None:
    async def follow() -> Batch:
        follower = bus.follow()
        await follower.watch(SESSION)
        for number in range(MAX_WAITING + 10):
            bus.publish(SESSION, lines(str(number)))
        await asyncio.sleep(0)
        found: Batch = await take(follower)
        await follower.close()
        return found

    assert asyncio.run(follow()).after == 10


def test_batches_arrive_in_order_from_many_threads(bus: LocalBus) -> None:
    async def follow() -> list[int]:
        follower = bus.follow()
        await follower.watch(SESSION)
        threads = [
            threading.Thread(target=lambda: [bus.publish(SESSION, lines("x")) for _ in range(50)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        found = [(await take(follower)).last for _ in range(200)]
        for thread in threads:
            thread.join()
        await follower.close()
        return found

    assert asyncio.run(follow()) == list(range(1, 201))


def test_messages_of_other_sessions_do_not_arrive(bus: LocalBus) -> None:
    async def follow() -> list[str]:
        follower = bus.follow()
        await follower.watch(SESSION)
        bus.publish("other", lines("hidden"))
        bus.publish(SESSION, lines("shown"))
        found = await take(follower)
        await follower.close()
        return messages(found.events)

    assert asyncio.run(follow()) == ["shown"]
