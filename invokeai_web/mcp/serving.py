"""Serve one client over standard input and output until it disconnects or a signal arrives.

Nothing but the protocol reaches standard output, whatever nodes and plug-ins print.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import anyio
from anyio import to_thread

from workflows.idle import CHECK_INTERVAL_S, NEVER

from .connection import Connection
from .protocol import ToolServer

if TYPE_CHECKING:
    from workflows.workspace import Workspace

Opener = Callable[[Callable[[str], None]], "Workspace"]
Wire = tuple[TextIO, TextIO]
SIGNALS = (signal.SIGTERM, signal.SIGINT, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


def serve(open_workspace: Opener, version: str) -> None:
    """Serve until the client disconnects; a signal ends the process as soon as the line that is running has stopped.

    Raises: ConfigError, NameClash.
    """
    wire = _take_wire()
    with contextlib.redirect_stdout(sys.stderr):
        connection = Connection(open_workspace)
        try:
            anyio.run(_serve, connection, version, wire)
        except BaseExceptionGroup as group:
            _, others = group.split(ConnectionError)  # the client closed its end while an answer was written
            if others is not None:
                raise others from None


def _take_wire() -> Wire:
    """Return standard input and output; their file descriptors lead to the null device and to standard error then."""
    if sys.stdout is not None:
        sys.stdout.flush()
    wire = (
        open(os.dup(0), encoding="utf-8", errors="replace", newline="\n"),  # noqa: SIM115 - open until the end
        open(os.dup(1), "w", encoding="utf-8", newline="\n"),  # noqa: SIM115
    )
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # standard error is closed
        os.dup2(null, 1)
    os.close(null)
    return wire


async def _serve(connection: Connection, version: str, wire: Wire) -> None:
    from mcp.server.stdio import stdio_server

    server = ToolServer(connection, version)
    async with stdio_server(*map(anyio.wrap_file, wire)) as (read, write):
        received: list[int] = []
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_stop_at_signals, group.cancel_scope, received)
                group.start_soon(_unload_idle_models, server)
                await server.protocol.run(read, write, server.protocol.create_initialization_options())
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(connection.close)
        for number in received:  # the thread that waits for input cannot be stopped otherwise
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)


async def _stop_at_signals(scope: anyio.CancelScope, received: list[int]) -> None:
    """Cancel a scope at the first signal, and note its number."""
    with anyio.open_signal_receiver(*SIGNALS) as signals:
        async for number in signals:
            received.append(number)
            scope.cancel()


async def _unload_idle_models(server: ToolServer) -> None:
    """Unload models that have been idle for as long as the setting `idle_unload` says."""
    workspace = server.connection.workspace
    if workspace.settings.idle_unload == NEVER:
        return
    while True:
        await anyio.sleep(CHECK_INTERVAL_S)
        if server.is_idle and "invoker" in vars(workspace):
            with contextlib.suppress(Exception):  # the next check may succeed
                await to_thread.run_sync(workspace.invoker.services.free_idle)
