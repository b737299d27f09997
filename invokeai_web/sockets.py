"""Socket.IO: clients subscribe to sessions and receive their events; each message from a client is acknowledged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from socketio import ASGIApp, AsyncServer
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from .delivery.delivery import Delivery
from .delivery.messages import Cancel, Seen, Subscribe, Unsubscribe
from .delivery.packets import EventPacket, json_array
from .delivery.viewer import MAX_LEFT_BYTES, MAX_SESSIONS
from .events.base import EventBus, Preview, Reset
from .problem_details import ApiProblem, problem_data
from .refusals import refuse

LOG: Final = logging.getLogger("invokeai_web")
MAX_SOCKETS: Final = 200
MOST_CONNECTING: Final = 20  # connections beyond the sockets, each of which is becoming one or is about to be refused
MAX_MESSAGE_BYTES: Final = 100_000
ROOMS: Final = ("queue", "gallery", "models", "system")  # every socket is in all of them
PATH: Final = "socket.io"

Handler = Callable[[str, Any], Awaitable[Mapping[str, Any]]]
MayConnect = Callable[[Mapping[str, Any]], bool]  # from the environ of the request


class Sockets:
    """Serves Socket.IO for a bus; `app` is its ASGI application.

    may_connect: whether a client may connect. check_session: raises SessionMissing if there is no such session.
    cancel: cancels an item of the queue. without_paths: replaces folders of this machine in messages. manager: carries
    rooms between processes. transports: `polling` needs all requests of a client in the same process

    loop: the event loop, once a client has connected
    """

    def __init__(
        self,
        bus: EventBus,
        *,
        may_connect: MayConnect,
        check_session: Callable[[str], object],
        cancel: Callable[[str], object],
        without_paths: Any = None,
        manager: Any = None,
        transports: Sequence[str] = ("polling", "websocket"),
    ) -> None:
        self._may_connect = may_connect
        self._check_session = check_session
        self._cancel = cancel
        self._without_paths = without_paths
        self.loop: asyncio.AbstractEventLoop | None = None
        self._announced: asyncio.Queue[tuple[str, Sequence[Any]]] = asyncio.Queue()
        self._announcer: asyncio.Task[None] | None = None
        self.io = AsyncServer(
            async_mode="asgi",
            async_handlers=False,  # messages of a client are answered one after the other
            client_manager=manager,
            serializer=EventPacket,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            transports=[*transports],
            logger=_quiet(),
            engineio_logger=_quiet(),
        )
        self.delivery = Delivery(bus, self._emit, self._show)
        self.io.on("connect", self._connect)
        self.io.on("disconnect", self._disconnect)
        handlers = (self._subscribe, self._unsubscribe, self._seen, self._cancel_item)
        for name, handler in zip(NAMES, handlers, strict=True):
            self.io.on(name, partial(self._answer, handler))
        self.io.on("*", self._unknown)

    def app(self, other: Any) -> Any:
        """Return an ASGI application that answers Socket.IO and passes everything else on."""
        inner = ASGIApp(self.io, other, socketio_path=PATH, on_shutdown=self.close)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                with suppress(asyncio.CancelledError):  # a second signal ends the process without more ado
                    await inner(scope, receive, send)
            elif self._is_too_much(scope):
                await refuse(_too_many_sockets(), scope, receive, send)
            else:
                await inner(scope, receive, send)

        return app

    def announce(self, room: str, changes: Sequence[Any]) -> None:
        """Send changes to the sockets in a room; called in any thread."""
        loop = self.loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._announced.put_nowait, (room, changes))

    async def close(self) -> None:
        """Disconnect all sockets."""
        await self.delivery.close()
        if self._announcer is not None:
            self._announcer.cancel()
        await self.io.shutdown()

    async def _emit(self, event: str, data: Any, sids: Sequence[str]) -> None:
        await self.io.emit(event, data, to=[*sids], ignore_queue=True)

    async def _show(self, sid: str, preview: Preview) -> None:
        """Send a preview; its acknowledgement asks for the next one."""
        names = ("session", "node", "path", "number", "step", "of", "width", "height")
        data = {name: getattr(preview, name) for name in names}
        shown = partial(self.delivery.acknowledge_preview, sid)
        await self.io.emit("preview", (data, preview.data), to=sid, callback=lambda *_: shown(), ignore_queue=True)

    async def _announce(self) -> None:
        """Send what is announced, in order."""
        while True:
            room, changes = await self._announced.get()
            await self.io.emit(room, [*changes], room=room)

    async def _connect(self, sid: str, environ: Mapping[str, Any], _: Any = None) -> None:
        if not self._may_connect(environ):
            raise self._refused(ApiProblem(401, "unauthorized", "the token is missing or wrong", TOKEN_HINT))
        if len(self.delivery) >= MAX_SOCKETS:
            raise self._refused(_too_many_sockets())
        self.delivery.enter(sid)
        for room in ROOMS:
            await self.io.enter_room(sid, room)
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            self._announcer = self.loop.create_task(self._announce())

    async def _disconnect(self, sid: str, *_: Any) -> None:
        await self.delivery.leave(sid)

    async def _subscribe(self, sid: str, data: Any) -> Mapping[str, Any]:
        asked = Subscribe.read(data)
        viewer = self.delivery.viewer(sid)
        viewer.count_request(time.monotonic())
        if asked.session not in viewer.watches and len(viewer.watches) >= MAX_SESSIONS:
            message = f"a connection can subscribe to {MAX_SESSIONS} sessions"
            raise ApiProblem(429, "too_many_sessions", message, "unsubscribe from another session first")
        if viewer.left > MAX_LEFT_BYTES:
            if self._is_waiting(sid):
                raise ApiProblem(429, "too_many_requests", "much of what was sent has not been read", "read it first")
            viewer.left = 0
        await asyncio.to_thread(self._check_session, asked.session)
        found = await self.delivery.subscribe(
            sid, asked.session, after=asked.after, epoch=asked.epoch, previews=asked.previews
        )
        if isinstance(found, Reset):
            return {"reset": True, "epoch": found.epoch, "last": found.last}
        return {"epoch": found.epoch, "last": found.last, "events": json_array(found.events)}

    async def _unsubscribe(self, sid: str, data: Any) -> Mapping[str, Any]:
        await self.delivery.unsubscribe(sid, Unsubscribe.read(data).session)
        return {}

    async def _seen(self, sid: str, data: Any) -> Mapping[str, Any]:
        seen = Seen.read(data)
        await self.delivery.see(sid, seen.session, seen.number)
        return {}

    async def _cancel_item(self, sid: str, data: Any) -> Mapping[str, Any]:
        asked = Cancel.read(data)
        self.delivery.viewer(sid).count_request(time.monotonic())
        await asyncio.to_thread(self._cancel, asked.item)
        return {}

    async def _unknown(self, event: str, sid: str, *_: Any) -> Mapping[str, Any]:
        message = f"there is no event `{event[:40]}`"
        return self._problem(ApiProblem(404, "unknown_event", message, f"clients send {', '.join(NAMES)}"))

    async def _answer(self, handler: Handler, sid: str, *data: Any) -> Mapping[str, Any]:
        """Return what a handler returns, or the problem that it raises, so that the client never waits in vain."""
        try:
            return await handler(sid, data[0] if data else None)
        except Exception as error:
            return self._problem(error)

    def _problem(self, error: Exception) -> dict[str, Any]:
        found = problem_data(error, self._without_paths)
        if found["status"] == 500:
            LOG.error("a message of a client could not be answered", exc_info=error)
        return {"problem": found}

    def _refused(self, problem: ApiProblem) -> SocketRefused:
        return SocketRefused(problem.message, problem_data(problem))

    def _is_too_much(self, scope: Mapping[str, Any]) -> bool:
        """Whether a request would open a connection although many connections have not become sockets yet."""
        is_new = scope["type"] in ("http", "websocket") and scope["path"].startswith(f"/{PATH}")
        is_new = is_new and b"sid=" not in scope["query_string"]
        return is_new and len(self.io.eio.sockets) >= MAX_SOCKETS + MOST_CONNECTING

    def _is_waiting(self, sid: str) -> bool:
        """Whether packets wait for a client that does not read them."""
        socket = self.io.eio.sockets.get(self.io.manager.eio_sid_from_sid(sid, "/"))
        return socket is not None and not socket.queue.empty()


NAMES: Final = ("subscribe", "unsubscribe", "seen", "cancel")
TOKEN_HINT: Final = "send the header `Authorization: Bearer TOKEN`"


def _too_many_sockets() -> ApiProblem:
    message = f"the server has {MAX_SOCKETS} connections already"
    return ApiProblem(503, "too_many_sockets", message, "close some of them, or try again later")


def _quiet() -> logging.Logger:
    """Return a logger for the library, which would log each malformed packet with a traceback."""
    logger = logging.getLogger("invokeai_web.socketio")
    logger.setLevel(logging.CRITICAL)
    return logger
