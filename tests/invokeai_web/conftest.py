"""A server in this process with a scripted generation service, and an HTTP client of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from invocations.local import LocalServices
from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_cli.scripted import ScriptedGeneration

TOKEN = "token-of-the-tests"
BASE_URL = "http://127.0.0.1:9090"


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make any import of `invokeai_cli` fail."""
    for name in [name for name in sys.modules if name.startswith("invokeai_cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "invokeai_cli", None)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the generation service with one that needs no model."""
    monkeypatch.setattr(LocalServices, "generation", property(lambda services: ScriptedGeneration(services.images)))


@pytest.fixture
def server(isolated_home: Path, tmp_path: Path, scripted: None) -> Iterator[Server]:
    """Yield a server in the test's own home; nodes run in threads of this process."""
    opened = Server.open(ServeOptions(in_process=True, requests_per_second=0), folder=tmp_path, token=TOKEN)
    yield opened
    opened.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the server that sends the token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as opened:
        yield opened
