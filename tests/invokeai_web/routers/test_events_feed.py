"""Events over HTTP: as JSON at once, and as lines or server-sent events without end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from invokeai_web.api_app import create_app
from invokeai_web.server import Server
from tests.invokeai_web.conftest import TOKEN
from tests.invokeai_web.events.material import lines
from tests.invokeai_web.running import ended, problem
from tests.invokeai_web.served import served

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    """Yield the port of a server; the transport of tests in one process does not stream."""
    with served(create_app(server)) as port:
        yield port


@asynccontextmanager
async def feed(port: int, session: str, accept: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    """Read the events of a session line by line."""
    address = f"http://127.0.0.1:{port}/api/v1/sessions/{session}/events"
    async with (
        httpx.AsyncClient(timeout=60, headers={**HEADERS, "Accept": accept, **headers}) as client,
        client.stream("GET", address) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(accept)
        yield answer.aiter_lines()


async def test_events_are_answered_at_once_as_json(client: httpx.AsyncClient) -> None:
    created = (await client.post("/api/v1/sessions", json={"line": "add 1 2", "run": True})).json()
    await ended(client, created["item"]["id"])
    address = f"/api/v1/sessions/{created['id']}/events"
    found: dict[str, Any] = {"events": []}
    while not found["events"] or found["events"][-1]["event"] != "session_finished":
        found = (await client.get(address)).json()
    assert [event["number"] for event in found["events"]] == [*range(1, found["last"] + 1)]
    rest = (await client.get(address, params={"after": 1, "epoch": found["epoch"]})).json()
    assert rest["events"] == found["events"][1:]


async def test_another_epoch_is_a_reset(client: httpx.AsyncClient, server: Server) -> None:
    session = server.invoker.create().id
    answer = (await client.get(f"/api/v1/sessions/{session}/events?epoch=old&after=3")).json()
    assert answer == {"reset": True, "epoch": server.bus.position(session).epoch, "last": 0, "events": []}


async def test_lines_arrive_as_events_happen(port: int, server: Server) -> None:
    session = server.invoker.create().id
    server.bus.publish(session, lines("before"))
    async with feed(port, session, "application/x-ndjson") as found:
        assert json.loads(await anext(found))["message"] == "before"
        server.bus.publish(session, lines("during"))
        event = json.loads(await anext(found))
        assert (event["number"], event["message"]) == (2, "during")


async def test_server_sent_events_go_on_where_the_client_was_cut_off(port: int, server: Server) -> None:
    session = server.invoker.create().id
    server.bus.publish(session, lines("a", "b", "c"))
    async with feed(port, session, "text/event-stream") as found:
        first = await anext(found)
        assert first == f"id: {server.bus.position(session).epoch}/1"
        assert json.loads((await anext(found)).removeprefix("data: "))["message"] == "a"
    async with feed(port, session, "text/event-stream", **{"Last-Event-ID": first.removeprefix("id: ")}) as found:
        assert (await anext(found)).endswith("/2")
    async with feed(port, session, "text/event-stream", **{"Last-Event-ID": "00ff/7"}) as found:
        assert [await anext(found) for _ in range(2)][1] == "event: reset"


@pytest.mark.parametrize(
    ("headers", "query", "status", "code"),
    [
        ({"Accept": "image/png"}, "", 406, "not_acceptable"),
        ({"Last-Event-ID": "x"}, "", 400, "malformed_request"),
        ({}, "after=-1", 422, "invalid_request"),
        ({}, "after=9007199254740993", 422, "invalid_request"),
    ],
)
async def test_malformed_requests_are_refused(
    client: httpx.AsyncClient, server: Server, headers: dict[str, str], query: str, status: int, code: str
) -> None:
    session = server.invoker.create().id
    answer = await client.get(f"/api/v1/sessions/{session}/events?{query}", headers=headers)
    assert problem(answer) == (status, code)


async def test_the_number_of_endless_requests_is_limited(
    port: int, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invokeai_web.routers.events_feed.MAX_FEEDS", 1)
    session = server.invoker.create().id
    server.bus.publish(session, lines("first"))
    address = f"http://127.0.0.1:{port}/api/v1/sessions/{session}/events"
    async with (
        httpx.AsyncClient(timeout=60, headers=HEADERS) as other,
        feed(port, session, "application/x-ndjson") as found,
    ):
        await anext(found)
        answer = await other.get(address, headers={"Accept": "application/x-ndjson"})
        assert problem(answer) == (429, "too_many_requests")
        assert answer.json()["detail"] == "1 requests read events already"
        assert int(answer.headers["Retry-After"]) > 0
        assert (await other.get(address)).status_code == 200
    async with asyncio.timeout(60):
        while server.open_feeds:
            await asyncio.sleep(0.01)
