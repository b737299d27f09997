"""An ASGI application served by uvicorn on a free port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Uvicorn:
    """A running server; `port` is where it listens."""

    def __init__(self, app: Any, **config: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        settings = {"log_level": "critical", "lifespan": "off", "ws": "wsproto", "timeout_graceful_shutdown": 1}
        self._server = uvicorn.Server(uvicorn.Config(app, **{**settings, **config}))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server and wait until it has ended."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@contextmanager
def served(app: Any, **config: Any) -> Iterator[int]:
    """Serve an application for a `with` block; yields the port."""
    server = Uvicorn(app, **config)
    try:
        yield server.port
    finally:
        server.stop()
