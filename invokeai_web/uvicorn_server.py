"""Run the application with uvicorn; SIGTERM and Ctrl-C end it in order, a second one at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from .listening import Listening
from .options import ServeOptions

GRACE_S: Final = 20.0  # for running items after SIGTERM
REQUESTS_S: Final = 5  # for requests that are being answered
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class UvicornServer(uvicorn.Server):
    """A uvicorn server that lets `stop` end the work before it closes connections.

    stop: called once, in a thread, with the seconds that running items get and a function that returns True if they
    must end at once
    """

    def __init__(self, config: uvicorn.Config, stop: Callable[[float, Callable[[], bool]], None]) -> None:
        super().__init__(config)
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals until the block ends; unlike uvicorn, do not raise them again."""
        before = {each: signal.signal(each, self.handle_exit) for each in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let the server end; at the second signal, without waiting for anything."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the running items, then the connections."""
        await asyncio.to_thread(self._stop, GRACE_S, lambda: self.force_exit)
        await super().shutdown(sockets)


def uvicorn_server(
    app: ASGIApp, options: ServeOptions, stop: Callable[[float, Callable[[], bool]], None]
) -> UvicornServer:
    """Return a server for an application that is not running yet."""
    secure: dict[str, Any] = {"ssl_certfile": options.tls_cert, "ssl_keyfile": options.tls_key}
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="wsproto",
        ws_max_size=2**20,
        lifespan="on",
        access_log=options.verbose,
        log_config=None,
        log_level="info" if options.verbose else "warning",
        server_header=False,
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=list(options.trusted_proxies),
        timeout_graceful_shutdown=REQUESTS_S,
        **(secure if options.tls_cert else {}),
    )
    return UvicornServer(config, stop)


def run(server: UvicornServer, listening: Listening) -> None:
    """Serve on bound sockets until a signal arrives."""
    asyncio.run(server.serve(sockets=_copies(listening.sockets)))


def _copies(sockets: Sequence[socket.socket]) -> list[socket.socket]:
    """Return duplicates of sockets, since uvicorn closes those that it is given."""
    return [each.dup() for each in sockets]


def log_to(stream: Any, *, verbose: bool) -> None:
    """Write the log to a stream, one line for each entry."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "invokeai_web"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if verbose else logging.WARNING)
