"""Fixtures that connect the real MCP client library with the server, in this process or in one of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent

from invokeai_web.mcp.connection import Connection
from invokeai_web.mcp.protocol import ToolServer
from tests.invokeai_cli.slow_node import add_slow_node
from workflows.workspace import Workspace

ROOT = Path(__file__).parents[3]
Connect = Callable[..., AbstractAsyncContextManager[Client]]
Play = Callable[[Callable[[Client], Awaitable[None]]], None]
ERAS = ("auto", "legacy")  # the stateless protocol and the one with a handshake


def text_of(answer: CallToolResult) -> str:
    """Return the text of an answer, without its links."""
    return "\n".join(block.text for block in answer.content if isinstance(block, TextContent))


@pytest.fixture
def folder(tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder of the server, with slow nodes in the home folder."""
    add_slow_node(isolated_home)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def connect(folder: Path, scripted: None) -> Connect:
    """Return a function that connects a client with a server in this process, which has a workspace of its own."""

    @asynccontextmanager
    async def connected(era: str = ERAS[0]) -> AsyncIterator[Client]:
        connection = Connection(lambda warn: Workspace.open(folder, warn=warn))
        try:
            async with Client(ToolServer(connection, "1").protocol, mode=era) as client:
                yield client
        finally:
            connection.close()

    return connected


@pytest.fixture
def play(connect: Connect) -> Play:
    """Return a function that plays a conversation with a server in this process."""

    def played(conversation: Callable[[Client], Awaitable[None]], era: str = ERAS[0]) -> None:
        async def run() -> None:
            async with connect(era) as client:
                await conversation(client)

        anyio.run(run)

    return played


@pytest.fixture
def server_command(folder: Path, isolated_home: Path) -> StdioServerParameters:
    """Return how an agent's program starts the server."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "invokeai_web", "mcp"],
        env={"INVOKEAI_HOME": str(isolated_home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **_inherited()},
        cwd=folder,
    )


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("COVERAGE_PROCESS_START",) if name in os.environ}
