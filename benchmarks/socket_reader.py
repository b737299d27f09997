"""Clients of Socket.IO in a process of their own.

`python -m benchmarks.socket_reader PORT TOKEN SOCKETS EVENTS SESSION...`: each socket subscribes to one of the
sessions. The process prints `ready` when all have, and `done` when each has received so many events.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import wsproto
from wsproto.events import AcceptConnection, Ping, Request, TextMessage

SAID_EVERY = 200  # events, after which the server is told that they have been seen
TARGET = "/socket.io/?EIO=4&transport=websocket"


class SocketReader:
    """One socket, which counts the events that it receives and says that it has seen them."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.received = self._said = 0
        self.is_subscribed = asyncio.Event()
        self._ws = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        self._text: list[str] = []

    async def run(self, port: int, token: str, events: int) -> None:
        """Connect, subscribe and read until so many events have arrived."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        headers = [(b"Authorization", f"Bearer {token}".encode())]
        self._send(Request(host=f"127.0.0.1:{port}", target=TARGET, extra_headers=headers))
        while self.received < events and (data := await reader.read(2**18)):
            self._ws.receive_data(data)
            for event in self._ws.events():
                self._take(event)

    def _send(self, event: Any) -> None:
        self._writer.write(self._ws.send(event))

    def _take(self, event: Any) -> None:
        if isinstance(event, TextMessage):
            self._text.append(event.data)
            if event.message_finished:
                text, self._text = "".join(self._text), []
                self._packet(text)
        elif isinstance(event, Ping):
            self._send(event.response())
        elif not isinstance(event, AcceptConnection):
            raise SystemExit(f"the server ended the connection: {event}")

    def _packet(self, text: str) -> None:
        if text.startswith("0"):
            self._send(TextMessage(data="40"))
        elif text == "2":
            self._send(TextMessage(data="3"))
        elif text.startswith("40"):
            self._send(TextMessage(data="421" + json.dumps(["subscribe", {"session": self.session}])))
        elif text.startswith("431"):
            self.is_subscribed.set()
        elif text.startswith('42["events"'):
            events = json.loads(text[2:])[1]
            self.received += len(events)
            if self.received - self._said >= SAID_EVERY:
                self._said = self.received
                seen = {"session": self.session, "number": events[-1]["number"]}
                self._send(TextMessage(data="42" + json.dumps(["seen", seen])))


async def main(port: int, token: str, sockets: int, events: int, sessions: list[str]) -> None:
    """Run all sockets."""
    readers = [SocketReader(sessions[number % len(sessions)]) for number in range(sockets)]
    tasks = [asyncio.create_task(reader.run(port, token, events)) for reader in readers]
    for reader in readers:
        await reader.is_subscribed.wait()
    print("ready", flush=True)
    await asyncio.gather(*tasks)
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]))
