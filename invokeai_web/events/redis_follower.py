"""A follower of sessions whose events are in Redis."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .base import Followed, Follower
from .redis_entries import Entry, batch_of, preview_from_fields
from .redis_scripts import keys_of

LOG: Final = logging.getLogger("invokeai_web")
MAX_WAITING: Final = 1_024  # batches and previews that wait for a slow reader
BLOCK_MS: Final = 5_000
PAUSE_S: Final = 0.5  # between two attempts to reach Redis
WAKE_S: Final = 600


class RedisFollower(Follower):
    """Reads the streams of all its sessions with one connection; a stream of its own interrupts the reading."""

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._redis: Any = Redis.from_url(
            url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=2 * BLOCK_MS / 1_000
        )
        self._wake = f"{prefix}:wake:{secrets.token_hex(8)}"
        self._ids: dict[str, str] = {self._wake: "0"}  # the last entry that was read of each stream
        self._sessions: dict[str, str] = {}  # the session of each stream of events or previews
        self._found: asyncio.Queue[Followed] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._is_closed = False

    async def watch(self, session: str) -> None:
        state, events, preview = keys_of(self._prefix, session)
        if events in self._ids:
            return
        ids = {events: "0-0", preview: "0-0"}
        with suppress(RedisError):
            ids = await self._last_ids(state, events, preview)
        self._sessions |= {events: session, preview: session}
        self._ids |= ids
        await self._interrupt()

    async def unwatch(self, session: str) -> None:
        for key in keys_of(self._prefix, session)[1:]:
            self._ids.pop(key, None)
            self._sessions.pop(key, None)

    async def get(self) -> Followed:
        return await self._found.get()

    async def close(self) -> None:
        self._is_closed = True
        if self._reading is not None:
            await self._interrupt()  # the library delays a cancellation until Redis answers
            await asyncio.wait([self._reading], timeout=PAUSE_S)
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        await self._redis.aclose()

    async def _last_ids(self, state: str, events: str, preview: str) -> dict[str, str]:
        """Return the ids after which new entries of two streams follow."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(state, "epoch", "last")
            pipe.xrevrange(preview, count=1)
            (epoch, last), shown = await pipe.execute()
        at = f"{epoch.decode()}-{last.decode()}" if epoch else "0-0"
        return {events: at, preview: shown[0][0].decode() if shown else "0-0"}

    async def _interrupt(self) -> None:
        """Let the reading begin again, with the streams that are watched now."""
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
            return
        with suppress(RedisError):
            await self._redis.xadd(self._wake, {"": ""}, maxlen=1)
            await self._redis.expire(self._wake, WAKE_S)

    async def _read(self) -> None:
        is_down = False
        while not self._is_closed:
            try:
                streams = await self._redis.xread({**self._ids}, block=BLOCK_MS)
                is_down = False
            except RedisError as error:
                if not is_down and not self._is_closed:
                    LOG.warning("Redis cannot be reached: %s; clients learn of new events later", error)
                is_down = True
                await asyncio.sleep(PAUSE_S)
                continue
            for name, entries in streams:
                self._take(name.decode(), entries)

    def _take(self, key: str, entries: list[Entry]) -> None:
        if key not in self._ids:
            return  # not watched any more
        self._ids[key] = entries[-1][0].decode()
        session = self._sessions.get(key)
        if session is None:
            return
        for entry in entries:
            is_preview = b"preview" in entry[1]
            self._found.put_nowait(preview_from_fields(session, entry[1]) if is_preview else batch_of(session, entry))
        while self._found.qsize() > MAX_WAITING:
            self._found.get_nowait()
