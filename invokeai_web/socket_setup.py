"""Socket.IO for a server: who may connect, which sessions there are, and what travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .sockets import Sockets

if TYPE_CHECKING:
    from .server import Server


def sockets_of(server: Server) -> Sockets:
    """Return the sockets of a server, which receive what its publisher announces.

    With several processes, clients use WebSocket only, because requests of long polling may reach any process.
    """
    is_shared = server.bus.is_shared
    sockets = Sockets(
        server.bus,
        may_connect=_is_identified,
        check_session=server.invoker.info,
        cancel=server.coordinator.cancel,
        without_paths=server.without_paths,
        manager=_manager(server.options.events) if is_shared else None,
        transports=("websocket",) if is_shared else ("polling", "websocket"),
    )
    server.publisher.announce = sockets.announce
    return sockets


def _is_identified(environ: Mapping[str, Any]) -> bool:
    """Whether the guard has found a token or a cookie in the request to connect."""
    return environ["asgi.scope"].get("state", {}).get("invokeai_by") in ("token", "cookie")


def _manager(url: str) -> Any:
    from socketio import AsyncRedisManager

    return AsyncRedisManager(url, channel="invokeai:rooms")
