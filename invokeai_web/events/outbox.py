"""What waits to be sent to Redis: a limited number of events, even if Redis is down."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import field

from invocations.frozen import mutable

from .base import MAX_BYTES, MAX_EVENTS, Preview
from .public_event import PublicEvent

MAX_SENT = 256  # events that are sent together


@mutable
class Outgoing:
    """Events of one session that are sent together; `id` tells Redis whether it has them already."""

    session: str
    events: list[PublicEvent]
    preview: Preview | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class Outbox:
    """Events in the order in which they were published; if there are too many, transient ones are dropped first.

    lost: sessions of which something was dropped that clients could not miss unnoticed
    """

    def __init__(self, *, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self.lost: set[str] = set()
        self._max_events, self._max_bytes = max_events, max_bytes
        self._waiting: deque[Outgoing] = deque()
        self._count = self._size = 0

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, session: str, events: Sequence[PublicEvent], preview: Preview | None = None) -> None:
        """Add what a session has published."""
        last = self._waiting[-1] if len(self._waiting) > 1 else None  # the first one may be on its way
        if last is not None and last.session == session and len(last.events) + len(events) <= MAX_SENT:
            last.events += events
            last.preview = preview or last.preview
        else:
            self._waiting.append(Outgoing(session, [*events], preview))
        self._count += len(events)
        self._size += sum(event.size for event in events)
        if self._is_full():
            self._drop()

    def first(self) -> Outgoing:
        """Return what must be sent next; it is not changed any more."""
        return self._waiting[0]

    def sent(self) -> None:
        """Remove what has been sent."""
        self._forget(self._waiting.popleft().events)

    def _is_full(self) -> bool:
        return self._count > self._max_events or self._size > self._max_bytes

    def _drop(self) -> None:
        """Drop transient events, and as many others as necessary, except what may be on its way."""
        first, *rest = self._waiting
        for each in rest:
            self._forget([event for event in each.events if not event.is_kept])
            each.events[:] = [event for event in each.events if event.is_kept]
            each.preview = None
        while self._is_full() and any(each.events for each in rest):
            each = rest.pop(0)
            self.lost.add(each.session)
            self._forget(each.events)
        self._waiting = deque([first, *[each for each in rest if each.events]])

    def _forget(self, events: Sequence[PublicEvent]) -> None:
        self._count -= len(events)
        self._size -= sum(event.size for event in events)
