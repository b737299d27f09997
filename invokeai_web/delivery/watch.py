"""A socket that watches a session: where it is in the session's events, and how it catches up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from invokeai_web.events.base import Batch, Numbered, Reset

from .credit import Credit

if TYPE_CHECKING:
    from invokeai_web.events.base import EventBus


class SessionWatch:
    """One socket on one session.

    It is live while it receives events as they happen. Otherwise it catches up: it reads from the bus what it has
    missed, as far as its credit reaches.

    epoch: the id of the numbering. sent: the last number that was sent
    """

    def __init__(self, sid: str, session: str, *, after: int = 0, epoch: str = "", previews: bool = False) -> None:
        self.sid = sid
        self.session = session
        self.previews = previews
        self.epoch = epoch
        self.sent = after
        self.is_live = False
        self.credit = Credit()
        self.catching_up = asyncio.Lock()
        self._newest = ("", 0)  # epoch and number of the last event that has happened while the bus was read

    @property
    def is_behind(self) -> bool:
        """Whether the socket may catch up now."""
        return not self.is_live and not self.credit.is_used_up

    def offer(self, batch: Batch) -> tuple[Numbered, ...]:
        """Return what to send of a new batch; if it does not continue what was sent, the socket has to catch up."""
        self._newest = (batch.epoch, batch.last)
        if batch.epoch != self.epoch or batch.after > self.sent:
            self.is_live = False
        return self._take(batch) if self.is_live else ()

    async def catch_up(self, bus: EventBus) -> Batch | Reset:
        """Read what was missed and return what to send of it, which is counted as sent.

        The socket is live afterwards, unless its credit is used up or something happened while the bus was read.
        """
        self._newest = ("", 0)
        found = await bus.read_async(self.session, self.sent, self.epoch)
        epoch, newest = self._newest
        self.epoch = found.epoch
        self.is_live = epoch != found.epoch or newest <= found.last
        if isinstance(found, Reset):
            self.sent = found.last
            self.credit.clear()
            return found
        return Batch(found.session, found.epoch, found.after, found.last, self._take(found))

    def _take(self, batch: Batch) -> tuple[Numbered, ...]:
        events = batch.beyond(self.sent)
        taken = self.credit.take(events)
        if taken < len(events):
            self.is_live = False
            events = events[:taken]
            self.sent = events[-1].number if events else self.sent
        else:
            self.sent = max(self.sent, batch.last)
        return events


Offer = tuple[SessionWatch, tuple[Numbered, ...]]


def groups(offers: Sequence[Offer]) -> list[tuple[list[str], tuple[Numbered, ...]]]:
    """Return the ids of the sockets that receive the same events, with these events, so that they are encoded once."""
    found: dict[tuple[int, int], tuple[list[str], tuple[Numbered, ...]]] = {}
    for watch, events in offers:
        if events:
            found.setdefault((events[0].number, len(events)), ([], events))[0].append(watch.sid)
    return [*found.values()]
