"""The events of one session from a number on, for clients without Socket.IO and for requests that wait for a result."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from .base import Batch, EventBus, Found, Preview, Reset


async def events_after(bus: EventBus, session: str, after: int, epoch: str = "") -> AsyncGenerator[Found]:
    """Yield the events of a session after a number, and then new ones as they happen, without end.

    A reader that is slow costs no memory beyond the bus's own. If events are lost, Reset is yielded, and what follows
    continues at its `last`.
    """
    follower = bus.follow()
    try:
        await follower.watch(session)
        found = await bus.read_async(session, after, epoch)
        yield found
        while True:
            batch = await follower.get()
            if isinstance(batch, Preview) or (batch.epoch == found.epoch and batch.last <= found.last):
                continue
            if batch.epoch != found.epoch or batch.after > found.last:
                found = await bus.read_async(session, found.last, found.epoch)
            else:
                found = Batch(session, batch.epoch, found.last, batch.last, batch.beyond(found.last))
            if isinstance(found, Reset) or found.events:
                yield found
    finally:
        await follower.close()
