"""The events of one session as a stream that never ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from invokeai_web.events.base import Batch, Reset
from invokeai_web.events.local import LocalBus
from invokeai_web.events.stream import events_after
from tests.invokeai_web.events.material import DEADLINE_S, SESSION, lines, messages


def test_a_stream_begins_with_what_was_missed_and_goes_on() -> None:
    bus = LocalBus()

    async def read() -> list[str]:
        bus.publish(SESSION, lines("a", "b"))
        found: list[str] = []
        async with aclosing(events_after(bus, SESSION, 1)) as stream, asyncio.timeout(DEADLINE_S):
            async for each in stream:
                assert isinstance(each, Batch)
                found += messages(each.events)
                if len(found) == 3:
                    break
                bus.publish(SESSION, lines("c" if "c" not in found else "d"))
        return found

    assert asyncio.run(read()) == ["b", "c", "d"]


def test_a_slow_reader_catches_up_by_reading_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invokeai_web.events.local.MAX_WAITING", 2)
    bus = LocalBus()

    async def read() -> list[str]:
        found: list[str] = []
        async with aclosing(events_after(bus, SESSION, 0)) as stream, asyncio.timeout(DEADLINE_S):
            async for each in stream:
                assert isinstance(each, Batch)
                found += messages(each.events)
                if not found:
                    for number in range(20):
                        bus.publish(SESSION, lines(str(number)))
                if len(found) == 20:
                    return found
        return found

    assert asyncio.run(read()) == [str(number) for number in range(20)]


def test_a_reader_that_missed_too_much_is_told_so_and_goes_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invokeai_web.events.local.MAX_WAITING", 1)
    bus = LocalBus(max_total_bytes=1)

    async def read() -> list[object]:
        found: list[object] = []
        async with aclosing(events_after(bus, SESSION, 0)) as stream, asyncio.timeout(DEADLINE_S):
            async for each in stream:
                found.append(each if isinstance(each, Reset) else messages(each.events))
                if len(found) == 1:
                    bus.publish(SESSION, lines("lost"))
                    bus.publish("other", lines("takes all the room"))
                    bus.publish(SESSION, lines("also lost"))
                    bus.publish("other", lines("again"))
                elif len(found) == 2:
                    bus.publish(SESSION, lines("new"))
                else:
                    return found
        return found

    assert asyncio.run(read()) == [[], Reset(SESSION, bus.epoch, 2), ["new"]]
