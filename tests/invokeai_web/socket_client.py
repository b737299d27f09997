"""A small client of Socket.IO over WebSocket, which tests can cut off, stop from reading, and open by the hundred."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import wsproto
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, RejectConnection, Request, TextMessage

DEADLINE_S = 30.0


class Refused(Exception):
    """The server did not accept the connection; `args` contains why."""


class SocketClient:
    """One connection; `received` contains what the server has sent: (name of the event, its data)."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.acknowledges_previews = True
        self.sid = ""
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self._text = ""
        self._binary: list[Any] | None = None
        self._ws = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self._reading: asyncio.Task[None] | None = None
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(
        cls, port: int, *, token: str = "", auth: Any = None, headers: Mapping[str, str] | None = None
    ) -> SocketClient:
        """Connect to a server on this machine. Raises: Refused."""
        client = cls()
        client._reader, client._writer = await asyncio.open_connection("127.0.0.1", port)
        given = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        extra = [(name.encode(), value.encode()) for name, value in given.items()]
        target = "/socket.io/?EIO=4&transport=websocket"
        client._send(Request(host=f"127.0.0.1:{port}", target=target, extra_headers=extra))
        client._reading = asyncio.create_task(client._read())
        client._auth = auth
        try:
            async with asyncio.timeout(DEADLINE_S):
                await client._connected
        except BaseException:
            await client.cut()
            raise
        return client

    async def call(self, event: str, *data: Any) -> Any:
        """Send a message and return what the server acknowledges it with."""
        self._next += 1
        self._acks[self._next] = asyncio.get_running_loop().create_future()
        self.send_text(f"2{self._next}{json.dumps([event, *data])}")
        async with asyncio.timeout(DEADLINE_S):
            return await self._acks[self._next]

    async def receive(self, name: str = "") -> Any:
        """Return the data of the next event, or of the next event with a name."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                found, data = await self.received.get()
                if not name or found == name:
                    return data

    def send_text(self, text: str) -> None:
        """Send a packet of Socket.IO."""
        self._send(TextMessage(data=f"4{text}"))

    def send_raw(self, data: str | bytes) -> None:
        """Send a message of the WebSocket as it is."""
        self._send(TextMessage(data=data) if isinstance(data, str) else BytesMessage(data=data))

    def stop_reading(self) -> None:
        """Read nothing any more, but stay connected."""
        assert self._reading is not None
        self._reading.cancel()

    async def cut(self) -> None:
        """Cut the connection off, without a word."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

    def _send(self, event: Any) -> None:
        self._writer.write(self._ws.send(event))

    async def _read(self) -> None:
        while data := await self._reader.read(65536):
            self._ws.receive_data(data)
            for event in self._ws.events():
                await self._take(event)
        if not self._connected.done():
            self._connected.set_exception(Refused("closed"))

    async def _take(self, event: Any) -> None:
        if isinstance(event, RejectConnection) and not self._connected.done():
            self._connected.set_exception(Refused(event.status_code))
        elif isinstance(event, AcceptConnection):
            pass
        elif isinstance(event, TextMessage):
            self._text += event.data
            if event.message_finished:
                text, self._text = self._text, ""
                self._packet(text)
        elif isinstance(event, BytesMessage):
            self._attachment(bytes(event.data))
        elif isinstance(event, CloseConnection):
            if not self._connected.done():
                self._connected.set_exception(Refused(event.reason))
            self._send(event.response())

    def _packet(self, text: str) -> None:
        if text.startswith("0"):
            self.send_text("0" + ("" if self._auth is None else json.dumps(self._auth)))
        elif text == "2":
            self._send(TextMessage(data="3"))
        elif text.startswith("40"):
            self.sid = json.loads(text[2:])["sid"]
            self._connected.set_result(None)
        elif text.startswith("44"):
            self._connected.set_exception(Refused(json.loads(text[2:])))
        elif text.startswith("42"):
            name, *data = json.loads(text[2:])
            self.received.put_nowait((name, data[0] if len(data) == 1 else data))
        elif text.startswith("43"):
            start = text.index("[")
            self._acks.pop(int(text[2:start])).set_result(json.loads(text[start:])[0])
        elif text.startswith("451-"):
            start = text.index("[")
            self._binary = [text[4:start], json.loads(text[start:])]

    def _attachment(self, data: bytes) -> None:
        assert self._binary is not None
        (id_, (name, about, _)), self._binary = self._binary, None
        self.received.put_nowait((name, (about, data)))
        if self.acknowledges_previews:
            self.acknowledge(id_)

    def acknowledge(self, id_: str) -> None:
        """Acknowledge what was received."""
        self.send_text(f"3{id_}[]")


@asynccontextmanager
async def connected(port: int, **how: Any) -> AsyncIterator[SocketClient]:
    """Connect for a `with` block."""
    client = await SocketClient.open(port, **how)
    try:
        yield client
    finally:
        await client.cut()
