"""A proxy before several servers, which gives each connection to the next server that can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Passes the bytes of connections on; `ports` are those of the servers, in turn."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = [*ports]
        self.port = 0
        self.connections: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to pass a connection on."""
        task = asyncio.create_task(self._connect(reader, writer))
        self.connections.add(task)
        task.add_done_callback(self.connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass a connection on until one of its sides ends it."""
        try:
            for _ in range(len(self.ports)):
                self.ports.append(self.ports.pop(0))
                with suppress(OSError):
                    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.ports[-1])
                    break
            else:
                return
            ways = [asyncio.create_task(_pass_on(*way)) for way in ((reader, up_writer), (up_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                up_writer.close()
        finally:
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxied(ports: Sequence[int]) -> AsyncIterator[Proxy]:
    """Run a proxy before these ports for a `with` block."""
    proxy = Proxy(ports)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in proxy.connections:
            task.cancel()
        await asyncio.gather(*[*proxy.connections], return_exceptions=True)
        await asyncio.sleep(0.05)  # transports that are closing need a turn of the event loop
