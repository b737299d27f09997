"""The bus of a single process: a ring in memory for each session, and followers in event loops."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from .base import KEPT_S, Batch, EventBus, Followed, Follower, Found, Position, Preview, Reset
from .public_event import PublicEvent
from .ring import Ring

MAX_TOTAL_BYTES: Final = 64 * 2**20  # of the rings of all sessions
MAX_REMEMBERED: Final = 10_000  # sessions without a ring whose last number is known
MAX_WAITING: Final = 1_024  # batches and previews that wait for a slow reader


class LocalBus(EventBus):
    """Keeps the events of sessions in this process; `epoch` is another one in each process.

    A session without a ring continues its numbers, so no number is ever used twice.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic, max_total_bytes: int = MAX_TOTAL_BYTES) -> None:
        self.epoch = secrets.token_hex(8)
        self._now = now
        self._max_total = max_total_bytes
        self._lock = threading.Lock()
        self._rings: OrderedDict[str, Ring] = OrderedDict()  # the one that was used longest ago first
        self._ended: dict[str, float] = {}  # when the run of a session ended
        self._remembered: OrderedDict[str, int] = OrderedDict()
        self._lowest = 0  # where the numbers of sessions begin that are not remembered
        self._followers: set[LocalFollower] = set()
        self._previews: Counter[str] = Counter()

    def publish(self, session: str, events: Sequence[PublicEvent], preview: Preview | None = None) -> None:
        with self._lock:
            self._drop_ended()
            ring = self._ring(session)
            after = ring.last
            numbered = ring.add(events)
            self._ended.pop(session, None)
            if ring.has_ended:
                self._ended[session] = self._now()
            batch = Batch(session, self.epoch, after, ring.last, numbered) if numbered else None
            shown = None if preview is None else replace(preview, number=ring.last)
            for follower in self._followers:  # under the lock, so that batches arrive in order
                follower.put(session, batch, shown)
            self._drop_surplus()

    def read(self, session: str, after: int, epoch: str = "") -> Found:
        with self._lock:
            self._drop_ended()
            ring = self._rings.get(session)
            last = self._last(session) if ring is None else ring.last
            events = () if ring is None and after == last else None if ring is None else ring.since(after)
            if events is None or epoch not in ("", self.epoch):
                return Reset(session, self.epoch, last)
            return Batch(session, self.epoch, after, last, events)

    async def read_async(self, session: str, after: int, epoch: str = "") -> Found:
        return self.read(session, after, epoch)

    def position(self, session: str) -> Position:
        with self._lock:
            return Position(self.epoch, self._last(session))

    def follow(self) -> LocalFollower:
        follower = LocalFollower(self._forget)
        with self._lock:
            self._followers.add(follower)
        return follower

    def want_previews(self, session: str, wanted: bool) -> None:
        with self._lock:
            self._previews[session] += 1 if wanted else -1
            if self._previews[session] <= 0:
                del self._previews[session]

    def wants_previews(self, session: str) -> bool:
        return session in self._previews

    def close(self) -> None:
        with self._lock:
            self._followers.clear()

    def _forget(self, follower: LocalFollower) -> None:
        with self._lock:
            self._followers.discard(follower)

    def _last(self, session: str) -> int:
        ring = self._rings.get(session)
        return self._remembered.get(session, self._lowest) if ring is None else ring.last

    def _ring(self, session: str) -> Ring:
        if session not in self._rings:
            self._rings[session] = Ring(self._last(session))
            self._remembered.pop(session, None)
        self._rings.move_to_end(session)
        return self._rings[session]

    def _drop_ended(self) -> None:
        """Drop the rings whose run ended long ago."""
        oldest = self._now() - KEPT_S
        for session in [session for session, ended in self._ended.items() if ended <= oldest]:
            self._drop(session)

    def _drop_surplus(self) -> None:
        """Drop the rings that were used longest ago if all of them take too much memory."""
        while len(self._rings) > 1 and sum(ring.size for ring in self._rings.values()) > self._max_total:
            self._drop(next(iter(self._rings)))

    def _drop(self, session: str) -> None:
        self._ended.pop(session, None)
        self._remembered[session] = self._rings.pop(session).last
        while len(self._remembered) > MAX_REMEMBERED:
            self._lowest = max(self._lowest, self._remembered.popitem(last=False)[1])


class LocalFollower(Follower):
    """Receives what is published in this process."""

    def __init__(self, forget: Callable[[LocalFollower], None]) -> None:
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._sessions: frozenset[str] = frozenset()
        self._waiting: deque[Followed] = deque(maxlen=MAX_WAITING)
        self._arrived = asyncio.Event()

    def put(self, session: str, batch: Batch | None, preview: Preview | None) -> None:
        """Take a batch and a preview; called in any thread."""
        if session in self._sessions:
            found = [each for each in (batch, preview) if each is not None]
            try:
                self._loop.call_soon_threadsafe(self._take, found)
            except RuntimeError:  # the event loop is closed
                self._sessions = frozenset()

    async def watch(self, session: str) -> None:
        self._sessions |= {session}

    async def unwatch(self, session: str) -> None:
        self._sessions -= {session}

    async def get(self) -> Followed:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    async def close(self) -> None:
        self._forget(self)

    def _take(self, found: Sequence[Followed]) -> None:
        self._waiting.extend(found)
        self._arrived.set()
