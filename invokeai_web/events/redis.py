"""The bus of several processes: Redis numbers and keeps the events of each session in a stream."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from .base import KEPT_S, MAX_BYTES, MAX_EVENTS, EventBus, Found, Position, Preview, Reset
from .outbox import Outbox
from .public_event import PublicEvent
from .redis_entries import preview_to_bytes, replayed, texts_of
from .redis_follower import RedisFollower
from .redis_scripts import KEPT_WHILE_RUNNING_S, PUBLISH, READ, keys_of
from .unavailable import BusUnavailable

LOG: Final = logging.getLogger("invokeai_web")
PREFIX: Final = "invokeai"
TIMEOUT_S: Final = 5.0
TICK_S: Final = 1.0  # between two looks at which previews are wanted
WANTED_S: Final = 10.0  # a process that has died wants no previews after this time
MAX_KNOWN: Final = 10_000
LONGEST_PAUSE_S: Final = 2.0  # between two attempts to reach Redis


class RedisBus(EventBus):
    """Publishes in a thread of its own, so that a run never waits for Redis; what is published waits in an outbox."""

    is_shared = True

    def __init__(self, url: str, *, prefix: str = PREFIX, outbox: Outbox | None = None) -> None:
        self.url = url
        self._prefix = prefix
        self._redis: Any = Redis.from_url(
            url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        self._publish: Any = self._redis.register_script(PUBLISH)
        self._read: Any = self._redis.register_script(READ)
        self._outbox = Outbox() if outbox is None else outbox
        self._known: dict[str, int] = {}  # the last number of each session that this process has published
        self._previews: Counter[str] = Counter()  # clients of this process
        self._wanted: frozenset[str] = frozenset()  # sessions whose previews any process wants
        self._is_down = self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="redis bus", daemon=True)
        self._thread.start()

    def publish(self, session: str, events: Sequence[PublicEvent], preview: Preview | None = None) -> None:
        with self._changed:
            self._outbox.add(session, events, preview)
            self._changed.notify()

    def read(self, session: str, after: int, epoch: str = "") -> Found:
        state, events, _ = keys_of(self._prefix, session)
        try:
            found, last, entries = self._read(keys=[state, events], args=[after, epoch, KEPT_WHILE_RUNNING_S])
        except RedisError as error:
            raise BusUnavailable from error
        current = found.decode()
        pairs = [(id_, dict(zip(fields[::2], fields[1::2], strict=True))) for id_, fields in entries]
        batch = None if epoch not in ("", current) else replayed(session, current, after, last, pairs)
        return Reset(session, current, last) if batch is None or not 0 <= after <= last else batch

    def position(self, session: str) -> Position:
        found = self.read(session, 2**53 - 1)
        return Position(found.epoch, found.last)

    def follow(self) -> RedisFollower:
        return RedisFollower(self.url, self._prefix)

    def want_previews(self, session: str, wanted: bool) -> None:
        with self._changed:
            self._previews[session] += 1 if wanted else -1
            if self._previews[session] <= 0:
                del self._previews[session]

    def wants_previews(self, session: str) -> bool:
        return session in self._previews or session in self._wanted

    def close(self) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()
        self._redis.close()

    def _work(self) -> None:
        """Send what is published, and look from time to time which previews are wanted."""
        pause, looked = 0.05, 0.0
        while True:
            with self._changed:
                if not self._outbox and not self._is_closing:
                    self._changed.wait(TICK_S)
                if self._is_closing and (self._is_down or not self._outbox):
                    return
            try:
                if time.monotonic() - looked >= TICK_S:
                    looked = time.monotonic()
                    self._look()
                self._send()
            except RedisError as error:
                self._note_down(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closing, pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                pause, self._is_down = 0.05, False

    def _send(self) -> None:
        """Send the first events of the outbox, if there are any."""
        with self._changed:
            if not self._outbox:
                return
            outgoing = self._outbox.first()
            lost = outgoing.session in self._outbox.lost
        session, events = outgoing.session, outgoing.events
        texts, progress = texts_of(events)
        shown = b"" if outgoing.preview is None else preview_to_bytes(outgoing.preview)
        seconds = int(KEPT_S) if events and events[-1].ends else KEPT_WHILE_RUNNING_S
        arguments = [outgoing.id, self._known.get(session, 0), int(lost), len(events), texts, progress, shown]
        _, last = self._publish(keys=keys_of(self._prefix, session), args=[*arguments, MAX_EVENTS, MAX_BYTES, seconds])
        self._know(session, last)
        with self._changed:
            self._outbox.sent()
            if lost:
                self._outbox.lost.discard(session)

    def _know(self, session: str, last: int) -> None:
        """Note the last number of a session, so that Redis begins a new numbering if it has forgotten it."""
        self._known.pop(session, None)
        self._known[session] = last
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _look(self) -> None:
        """Tell other processes which previews are wanted here, and learn which they want."""
        now = time.time()
        with self._changed:
            here = dict.fromkeys(self._previews, now + WANTED_S)
        name = f"{self._prefix}:previews"
        with self._redis.pipeline(transaction=False) as pipe:
            if here:
                pipe.zadd(name, here)
            pipe.zremrangebyscore(name, "-inf", now)
            pipe.zrange(name, 0, -1)
            self._wanted = frozenset(session.decode() for session in pipe.execute()[-1])

    def _note_down(self, error: RedisError) -> None:
        if not self._is_down:
            LOG.warning("Redis cannot be reached: %s; runs go on, and clients learn of them later", error)
        self._is_down = True
