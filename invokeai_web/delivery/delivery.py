"""The delivery of events: from the bus to the sockets that watch a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from invokeai_web.events.base import Batch, Preview, Reset
from invokeai_web.events.unavailable import BusUnavailable

from .packets import json_array
from .viewer import Viewer
from .watch import SessionWatch, groups

if TYPE_CHECKING:
    from invokeai_web.events.base import EventBus, Follower

RETRY_S = 1.0  # between two attempts to read from a bus that cannot be reached
LOG = logging.getLogger("invokeai_web")

Emit = Callable[[str, Any, Sequence[str]], Awaitable[None]]  # name of the event, its data, ids of the sockets
Show = Callable[[str, Preview], Awaitable[None]]  # id of a socket, what to show there


class Delivery:
    """Sends the events of sessions to the sockets that watch them; used in one event loop."""

    def __init__(self, bus: EventBus, emit: Emit, show: Show) -> None:
        self.bus = bus
        self._emit = emit
        self._show = show
        self._watches: dict[str, dict[str, SessionWatch]] = {}  # by session and socket
        self._viewers: dict[str, Viewer] = {}
        self._follower: Follower | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._viewers)

    @property
    def sids(self) -> list[str]:
        """The ids of the connected sockets."""
        return [*self._viewers]

    def enter(self, sid: str) -> None:
        """Know a socket that has connected."""
        self._viewers[sid] = Viewer(sid)

    def viewer(self, sid: str) -> Viewer:
        """Return a connected socket."""
        return self._viewers[sid]

    async def leave(self, sid: str) -> None:
        """Forget a socket that has disconnected."""
        viewer = self._viewers.get(sid)
        if viewer is not None:
            for session in [*viewer.watches]:
                await self._unwatch(viewer, session)
            del self._viewers[sid]

    async def subscribe(self, sid: str, session: str, *, after: int, epoch: str, previews: bool) -> Batch | Reset:
        """Let a socket watch a session from a number on; return what it has missed, as far as its credit reaches."""
        viewer = self.viewer(sid)
        watch = SessionWatch(sid, session, after=after, epoch=epoch, previews=previews)
        async with watch.catching_up:
            self._replace(viewer, watch)
            try:
                await self._follow().watch(session)
                found = await watch.catch_up(self.bus)
            except BaseException:
                await self._unwatch(viewer, session)
                raise
        if watch.is_behind:
            self._start(self._catch_up(watch))
        return found

    async def unsubscribe(self, sid: str, session: str) -> None:
        """Let a socket watch a session no longer."""
        await self._unwatch(self.viewer(sid), session)

    async def see(self, sid: str, session: str, number: int) -> None:
        """Note what a socket has seen, and send what it has missed since its credit was used up."""
        watch = self.viewer(sid).watches.get(session)
        if watch is not None:
            watch.credit.see(number)
            if watch.is_behind:
                self._start(self._catch_up(watch))

    async def acknowledge_preview(self, sid: str) -> None:
        """Send a socket the next preview, if there is one."""
        viewer = self._viewers.get(sid)
        preview = None if viewer is None else viewer.acknowledge_preview()
        if preview is not None:
            await self._show(sid, preview)

    async def close(self) -> None:
        """Stop sending."""
        for task in [*self._tasks]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._follower is not None:
            await self._follower.close()

    def _follow(self) -> Follower:
        if self._follower is None:
            self._follower = self.bus.follow()
            self._start(self._deliver(self._follower))
        return self._follower

    async def _deliver(self, follower: Follower) -> None:
        """Send whatever arrives, for ever."""
        while True:
            found = await follower.get()
            try:
                await (self._preview(found) if isinstance(found, Preview) else self._batch(found))
            except Exception:
                LOG.exception("events of session %s could not be delivered", found.session)

    async def _batch(self, batch: Batch) -> None:
        watches = [*self._watches.get(batch.session, {}).values()]
        for sids, events in groups([(watch, watch.offer(batch)) for watch in watches]):
            await self._emit("events", json_array(events), sids)
        for watch in watches:
            if watch.is_behind and not watch.catching_up.locked():
                self._start(self._catch_up(watch))

    async def _preview(self, preview: Preview) -> None:
        for sid in [*self._watches.get(preview.session, {})]:
            offered = self._viewers[sid].offer_preview(preview)
            if offered is not None:
                await self._show(sid, offered)

    async def _catch_up(self, watch: SessionWatch) -> None:
        """Send a socket what it has missed, until it is live or its credit is used up."""
        async with watch.catching_up:
            while watch.is_behind and self._is_current(watch):
                try:
                    found = await watch.catch_up(self.bus)
                except BusUnavailable:
                    await asyncio.sleep(RETRY_S)
                    continue
                if isinstance(found, Reset):
                    data = {"session": found.session, "epoch": found.epoch, "last": found.last}
                    await self._emit("reset", data, [watch.sid])
                elif found.events:
                    await self._emit("events", json_array(found.events), [watch.sid])

    def _is_current(self, watch: SessionWatch) -> bool:
        return self._watches.get(watch.session, {}).get(watch.sid) is watch

    def _replace(self, viewer: Viewer, watch: SessionWatch) -> None:
        """Let a viewer watch a session, possibly in place of an earlier watch, whose credit goes on."""
        before = viewer.watches.get(watch.session)
        if before is not None:
            watch.credit = before.credit
            watch.credit.see(watch.sent)
        if watch.previews != (before is not None and before.previews):
            self.bus.want_previews(watch.session, watch.previews)
        viewer.watches[watch.session] = watch
        self._watches.setdefault(watch.session, {})[viewer.sid] = watch

    async def _unwatch(self, viewer: Viewer, session: str) -> None:
        watch = viewer.drop(session)
        if watch is None:
            return
        if watch.previews:
            self.bus.want_previews(session, False)
        watches = self._watches[session]
        del watches[viewer.sid]
        if not watches:
            del self._watches[session]
            if self._follower is not None:
                await self._follower.unwatch(session)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
