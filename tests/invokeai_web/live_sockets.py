"""Sockets on a local bus, served on a port, for tests with real connections."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from invocations.errors import SessionMissing
from invokeai_web.events.base import Preview
from invokeai_web.events.local import LocalBus
from invokeai_web.sockets import Sockets
from tests.invokeai_web.events.material import SESSION, lines
from tests.invokeai_web.socket_client import SocketClient, connected

TOKEN = "the token"


class Live:
    """Sockets on a bus, served on a port."""

    def __init__(self) -> None:
        self.bus = LocalBus()
        self.cancelled: list[str] = []
        self.port = 0
        self.sockets = Sockets(
            self.bus, may_connect=self.may_connect, check_session=self.check, cancel=self.cancelled.append
        )

    def may_connect(self, environ: Mapping[str, Any]) -> bool:
        return bool(environ.get("HTTP_AUTHORIZATION") == f"Bearer {TOKEN}")

    def check(self, session: str) -> None:
        if session.startswith("missing"):
            raise SessionMissing(session, f"there is no session `{session}`", "`session list` shows all")
        if session == "broken":
            raise RuntimeError("a bug")

    def client(self, **how: Any) -> Any:
        return connected(self.port, **{"token": TOKEN, **how})

    def say(self, *messages: str, session: str = SESSION) -> None:
        self.bus.publish(session, lines(*messages))

    def show(self, step: int, session: str = SESSION) -> None:
        self.bus.publish(session, [], Preview(session, "n", (), 0, step, 20, 8, 4, b"webp%d" % step))


class Switch:
    """An ASGI application that passes everything to another one, so that all tests share a server."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def texts(events: list[Mapping[str, Any]]) -> list[str]:
    return [event["message"] for event in events]


async def messages(client: SocketClient, count: int) -> list[str]:
    """Return the next messages, which may arrive in several batches."""
    found: list[str] = []
    while len(found) < count:
        found += texts(await client.receive("events"))
    return found
