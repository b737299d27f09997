"""A server with the APIs of other servers: in this process, and on a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from invocations.services.generation.base import DenoiseRequest, StepCallbacks
from invocations.values import LatentsRef
from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_cli.scripted import ScriptedGeneration
from tests.invokeai_web.conftest import TOKEN
from workflows.workspace import Workspace

DEADLINE_S = 60


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Yield a workspace in the test's own folder."""
    with Workspace.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def compat_server(isolated_home: Path, tmp_path: Path, scripted: None) -> Iterator[Server]:
    """Yield a server that offers the APIs of other servers."""
    options = ServeOptions(in_process=True, requests_per_second=0, compat=("openai", "a1111"))
    opened = Server.open(options, folder=tmp_path, token=TOKEN)
    yield opened
    opened.close()


@pytest.fixture
def address(compat_server: Server) -> Iterator[str]:
    """Yield the URL of that server on a free port."""
    with listening(compat_server) as found:
        yield found


@contextmanager
def listening(server: Server) -> Iterator[str]:
    """Serve on a free port, and yield the URL."""
    proxies = ",".join(server.options.trusted_proxies)
    config = uvicorn.Config(
        create_app(server), port=0, log_level="error", ws="wsproto", forwarded_allow_ips=proxies or "::1"
    )
    runner = uvicorn.Server(config)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    wait_for(lambda: runner.started)
    try:
        yield f"http://127.0.0.1:{runner.servers[0].sockets[0].getsockname()[1]}"
    finally:
        runner.should_exit = True
        thread.join(DEADLINE_S)


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds. Raises: AssertionError, at the deadline."""
    ended = threading.Event()
    for _ in range(DEADLINE_S * 100):
        if condition():
            return
        ended.wait(0.01)
    raise AssertionError("the deadline has passed")


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    """Yield an HTTP client that sends the token."""
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=DEADLINE_S) as client:
        yield client


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let images stop after their first step until the returned event is set, or until they are cancelled."""
    released, denoise = threading.Event(), ScriptedGeneration.denoise

    def wait(self: ScriptedGeneration, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        while not released.wait(0.005):
            watch.on_step(1, request.steps, None)
        return denoise(self, request, watch)

    monkeypatch.setattr(ScriptedGeneration, "denoise", wait)
    yield released
    released.set()


@pytest.fixture
def calls() -> Iterator[ThreadPoolExecutor]:
    """Yield threads that send requests while a test does something else."""
    with ThreadPoolExecutor(30) as pool:
        yield pool
