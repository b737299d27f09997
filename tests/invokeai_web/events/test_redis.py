"""The bus on a real Redis server: several buses, Redis killed and started again, and what is forgotten meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from invokeai_web.delivery.delivery import Delivery
from invokeai_web.events.base import Batch, Reset
from invokeai_web.events.outbox import Outbox
from invokeai_web.events.redis import RedisBus
from invokeai_web.events.unavailable import BusUnavailable
from tests.invokeai_web.events.material import (
    DEADLINE_S,
    SESSION,
    ended,
    lines,
    messages,
    numbers,
    public,
    take,
    wait_until,
)
from tests.invokeai_web.redis_server import RedisServer, redis_server


@pytest.fixture
def own_redis(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[RedisServer]:
    """Yield a Redis server that the test may kill; the warnings about it are expected."""
    caplog.set_level(logging.CRITICAL, "invokeai_web")
    with redis_server(tmp_path) as server:
        yield server


def published(bus: RedisBus, last: int) -> None:
    """Wait until the last event has a number."""

    def is_there() -> bool:
        try:
            return bus.position(SESSION).last == last
        except BusUnavailable:
            return False

    wait_until(is_there)


def test_what_one_process_publishes_another_reads_and_follows(shared_redis: RedisServer, prefix: str) -> None:
    here, there = RedisBus(shared_redis.url, prefix=prefix), RedisBus(shared_redis.url, prefix=prefix)

    async def follow() -> list[str]:
        follower = there.follow()
        await follower.watch(SESSION)
        here.publish(SESSION, lines("a", "b"))
        found = messages((await take(follower)).events)
        await follower.close()
        return found

    assert asyncio.run(follow()) == ["a", "b"]
    assert there.position(SESSION) == here.position(SESSION)
    assert numbers(there.read(SESSION, 1)) == [2]
    there.publish(SESSION, lines("c"))
    published(here, 3)
    here.close()
    there.close()


def test_previews_that_another_process_wants_are_made(shared_redis: RedisServer, prefix: str) -> None:
    here, there = RedisBus(shared_redis.url, prefix=prefix), RedisBus(shared_redis.url, prefix=prefix)
    there.want_previews(SESSION, True)
    wait_until(lambda: here.wants_previews(SESSION))
    here.close()
    there.close()


def test_the_events_of_an_ended_run_expire(shared_redis: RedisServer, prefix: str) -> None:
    from redis import Redis

    bus = RedisBus(shared_redis.url, prefix=prefix)
    with Redis(port=shared_redis.port) as redis:
        for event, seconds in ((lines("a"), 86_400), (public(ended()), 600)):
            last = bus.position(SESSION).last
            bus.publish(SESSION, event)
            published(bus, last + 1)
            keys = list(redis.scan_iter(f"{prefix}:*{SESSION}*"))
            assert {redis.ttl(key) in range(seconds - 30, seconds + 1) for key in keys} == {True}
    bus.close()


def test_without_redis_a_run_goes_on_and_requests_are_refused(own_redis: RedisServer) -> None:
    bus = RedisBus(own_redis.url)
    own_redis.kill()
    for number in range(100):
        bus.publish(SESSION, lines(str(number)))
    with pytest.raises(BusUnavailable, match="the events cannot be read, because Redis cannot be reached"):
        bus.read(SESSION, 0)
    bus.close()


def test_what_was_published_while_redis_was_down_arrives_once(own_redis: RedisServer) -> None:
    bus = RedisBus(own_redis.url)
    bus.publish(SESSION, lines("before"))
    published(bus, 1)
    epoch = bus.position(SESSION).epoch
    own_redis.kill()
    bus.publish(SESSION, lines("a"))
    bus.publish(SESSION, lines("b"))
    own_redis.start()
    published(bus, 2)
    found = bus.read(SESSION, 0)
    assert isinstance(found, Batch)
    assert messages(found.events) == ["a", "b"]
    assert found.epoch != epoch, "this Redis server has forgotten the events before"
    assert bus.read(SESSION, 1, epoch) == Reset(SESSION, found.epoch, 2)
    bus.close()


def test_if_events_had_to_be_dropped_a_new_numbering_begins(own_redis: RedisServer) -> None:
    bus = RedisBus(own_redis.url, outbox=Outbox(max_events=3))
    bus.publish(SESSION, lines("before"))
    published(bus, 1)
    epoch = bus.position(SESSION).epoch
    own_redis.pause()
    for _ in range(8):
        bus.publish(SESSION, public(ended()))
        bus.publish("other", public(ended()))
    own_redis.go_on()
    wait_until(lambda: bus.position(SESSION).epoch != epoch)
    bus.close()


def test_sockets_are_reset_when_redis_is_back_and_go_on(own_redis: RedisServer) -> None:
    bus = RedisBus(own_redis.url)
    sent: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    async def emit(name: str, data: object, sids: object) -> None:
        await sent.put((name, data))

    async def show(*_: object) -> None:
        raise AssertionError("nobody shows anything")

    async def watch() -> list[str]:
        delivery = Delivery(bus, emit, show)
        delivery.enter("sid")
        first = await delivery.subscribe("sid", SESSION, after=0, epoch="", previews=False)
        bus.publish(SESSION, lines("before"))
        async with asyncio.timeout(DEADLINE_S):
            found = [(await sent.get())[0]]
            await asyncio.to_thread(own_redis.kill)
            bus.publish(SESSION, lines("during"))
            await asyncio.to_thread(own_redis.start)
            found.append((await sent.get())[0])
            assert (await delivery.bus.read_async(SESSION, 0)).epoch != first.epoch
            bus.publish(SESSION, lines("after"))
            found.append((await sent.get())[0])
        await delivery.close()
        return found

    assert asyncio.run(watch()) == ["events", "reset", "events"]
    bus.close()
