"""Sessions that run on a server under test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from invocations.services.generation.base import DenoiseRequest, StepCallbacks
from invocations.values import LatentsRef
from invokeai_web.server import Server
from tests.invokeai_cli.scripted import ScriptedGeneration

DEADLINE_S = 60.0
SLOW = "t2i fox --width 64 --height 64 --seed 1 --steps 3"


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an answer with problem details."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    data = answer.json()
    assert data["status"] == answer.status_code
    return answer.status_code, data["code"]


async def made(client: httpx.AsyncClient, line: str) -> str:
    """Create a session with a line that does not run; return its id."""
    answer = await client.post("/api/v1/sessions", json={"line": line})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def ended(client: httpx.AsyncClient, item: str) -> Any:
    """Wait until an item of the queue has ended, and return it."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            found = (await client.get(f"/api/v1/queue/{item}")).json()
            if found["state"] not in ("waiting", "running"):
                return found
            await asyncio.sleep(0.01)


class Held:
    """Denoising that goes on with its second step until it is released or cancelled."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def denoise(self, service: ScriptedGeneration, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        watch.on_step(1, request.steps, None)
        self.begun.set()
        while not self.release.wait(0.005):
            watch.on_step(2, request.steps, None)
        return LatentsRef(f"{7:064}", request.noise.width, request.noise.height, request.noise.seed)


@asynccontextmanager
async def slow_session(client: httpx.AsyncClient, server: Server) -> AsyncIterator[tuple[str, str]]:
    """Run a line whose denoising does not end before the block; yields the ids of its session and its item."""
    held = Held()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptedGeneration, "denoise", lambda *arguments: held.denoise(*arguments))
        created = (await client.post("/api/v1/sessions", json={"line": SLOW, "run": True})).json()
        item = created["item"]["id"]
        try:
            assert await asyncio.to_thread(held.begun.wait, DEADLINE_S)
            yield created["id"], item
        finally:
            held.release.set()
            await asyncio.to_thread(server.coordinator.wait, item, DEADLINE_S)
