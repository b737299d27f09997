"""The engine's connections to its clients: one thread talks to all of them and never waits for one."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Any, Protocol

from invocations.running.workers.worker_loop import WorkerLoop

from .link import CHUNK_BYTES
from .messages import LineReader, LineTooLong, Malformed
from .peer import is_own

MAX_UNSENT_BYTES = 1 << 26  # what a client may leave unread before it is disconnected
MAX_CLIENTS = 100  # far fewer than the files that a process may have open; a further client is disconnected
Work = Callable[[], None]


class EngineClient:
    """A client's connection; `loop` runs its tasks, and is None until the client has been greeted.

    is_at_work: whether a run of the client has given a task and has not ended
    """

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.reader = LineReader()
        self.unsent = bytearray()
        self.loop: WorkerLoop | None = None
        self.is_at_work = False


class Host(Protocol):
    """What is done with the messages of clients."""

    def receive(self, client: EngineClient, message: Mapping[str, Any]) -> None:
        """Do what a client asks for. Raises: KeyError, TypeError, ValueError, if it cannot be understood."""

    def gone(self, client: EngineClient) -> None:
        """Take note that a client has disconnected."""


class Connections:
    """The connections of a listening socket; `host` hears what clients send."""

    def __init__(self, listener: socket.socket, host: Host) -> None:
        self.clients: set[EngineClient] = set()
        self._listener = listener
        self._host = host
        self._posted: SimpleQueue[Work] = SimpleQueue()
        self._selector = DefaultSelector()
        self._woken, self._waker = socket.socketpair()
        for each in (listener, self._woken, self._waker):
            each.setblocking(False)
        self._selector.register(listener, EVENT_READ, self._accept)
        self._selector.register(self._woken, EVENT_READ, self._wake)

    def serve(self, seconds: float | None) -> None:
        """Wait for something to happen, at most this long, and pass it on."""
        for key, mask in self._selector.select(seconds):
            if not isinstance(key.data, EngineClient):
                key.data()
                continue
            if mask & EVENT_WRITE:
                self.send(key.data, b"")
            if mask & EVENT_READ and key.data in self.clients:
                self._read(key.data)

    def send(self, client: EngineClient, line: bytes) -> None:
        """Send a line as soon as the client reads it."""
        if client in self.clients:
            client.unsent += line
            self._flush(client)

    def post(self, work: Work) -> None:
        """Let the thread that serves do something; another thread or a signal handler may call this."""
        self._posted.put(work)
        with suppress(OSError):  # the buffer is full of wake-ups
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close all connections."""
        for client in self.clients:
            client.link.close()
        self._selector.close()
        self._woken.close()
        self._waker.close()

    def _accept(self) -> None:
        with suppress(OSError):
            link, _ = self._listener.accept()
            if not is_own(link) or len(self.clients) >= MAX_CLIENTS:
                link.close()
                return
            link.setblocking(False)
            client = EngineClient(link)
            self.clients.add(client)
            self._selector.register(link, EVENT_READ, client)

    def _read(self, client: EngineClient) -> None:
        """Read what a client has sent; a client that sends nonsense is disconnected."""
        try:
            data = client.link.recv(CHUNK_BYTES)
            for message in client.reader.feed(data):
                self._host.receive(client, message)
        except BlockingIOError:
            return
        except (OSError, LineTooLong, Malformed, KeyError, TypeError, ValueError):
            data = b""
        except Exception:  # a fault that one client's message shows must not disconnect the others
            with suppress(OSError):  # the disk may be full
                traceback.print_exc()
            data = b""
        if not data:
            self._disconnect(client)

    def _flush(self, client: EngineClient) -> None:
        try:
            if client.unsent:
                del client.unsent[: client.link.send(client.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            client.unsent.clear()  # reading notices that the client has gone
        if len(client.unsent) > MAX_UNSENT_BYTES:
            self._disconnect(client)
            return
        self._selector.modify(client.link, EVENT_READ | (EVENT_WRITE if client.unsent else 0), client)

    def _disconnect(self, client: EngineClient) -> None:
        if client in self.clients:
            self.clients.discard(client)
            self._selector.unregister(client.link)
            client.link.close()
            self._host.gone(client)

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(CHUNK_BYTES)
        while not self._posted.empty():
            self._posted.get()()
