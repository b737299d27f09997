"""The queue over HTTP: run, list, change, cancel and pause."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from invokeai_web.server import Server
from tests.invokeai_web.running import ended, made, problem, slow_session


async def waiting(client: httpx.AsyncClient, count: int) -> list[str]:
    """Pause the queue and add items to it; return their ids."""
    await client.put("/api/v1/queue/state", json={"paused": True})
    created = [
        (await client.post("/api/v1/sessions", json={"line": f"add {number} 1", "run": True})).json()
        for number in range(count)
    ]
    return [each["item"]["id"] for each in created]


async def test_a_session_runs_its_next_node_and_then_all(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2 | add 3 | add 4")
    answer = await client.post(f"/api/v1/sessions/{id_}/invocations", json={"what": "next"})
    item = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/queue/{item['id']}")
    await ended(client, item["id"])
    assert len((await client.get(f"/api/v1/sessions/{id_}")).json()["results"]) == 1
    item = (await client.post(f"/api/v1/sessions/{id_}/invocations", json={})).json()
    assert ((await ended(client, item["id"]))["state"], item["what"]) == ("done", "all")
    assert len((await client.get(f"/api/v1/sessions/{id_}")).json()["results"]) == 3


async def test_what_failed_is_run_again(client: httpx.AsyncClient) -> None:
    created = (await client.post("/api/v1/sessions", json={"line": "div 1 0", "run": True})).json()
    failed = await ended(client, created["item"]["id"])
    assert (failed["state"], failed["position"], failed["eta"]) == ("failed", None, None)
    assert failed["error"]["code"]
    item = (await client.post(f"/api/v1/sessions/{created['id']}/invocations", json={"what": "failed"})).json()
    assert (await ended(client, item["id"]))["state"] == "failed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"what": "everything"}, 422, "invalid_request"),
        ({"what": []}, 422, "bad_value"),
        ({"what": ["missing"]}, 404, "node_missing"),
        ({"recompute": ["missing"]}, 404, "node_missing"),
        ({"priority": 101}, 422, "invalid_request"),
    ],
)
async def test_a_refused_request_is_not_queued(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    id_ = await made(client, "add 1 2")
    answer = problem(await client.post(f"/api/v1/sessions/{id_}/invocations", json=body))
    assert answer in ((status, code), (422, "missing_node"))
    assert (await client.get("/api/v1/queue")).json()["items"] == []


async def test_items_are_listed_in_pages_the_latest_first_with_their_positions(client: httpx.AsyncClient) -> None:
    ids = await waiting(client, 5)
    found: list[str] = []
    cursor, is_first = "", True
    while cursor or is_first:
        is_first = False
        params: dict[str, Any] = {"limit": 2, "cursor": cursor, "state": "waiting"}
        page = (await client.get("/api/v1/queue", params=params)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert found == ids[::-1]
    positions = [(await client.get(f"/api/v1/queue/{id_}")).json()["position"] for id_ in ids]
    assert positions == [1, 2, 3, 4, 5]


async def test_an_item_moves_by_priority_or_before_another(client: httpx.AsyncClient) -> None:
    first, second, third = await waiting(client, 3)
    await client.patch(f"/api/v1/queue/{third}", json={"before": first})
    await client.patch(f"/api/v1/queue/{second}", json={"priority": 5})
    found = (await client.get("/api/v1/queue")).json()["items"]
    assert sorted(found, key=lambda item: item["position"]) == [
        *(item for id_ in (second, third, first) for item in found if item["id"] == id_)
    ]


@pytest.mark.parametrize("body", [{}, {"priority": 1, "before": "x"}])
async def test_a_change_needs_one_place(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    [item] = await waiting(client, 1)
    assert problem(await client.patch(f"/api/v1/queue/{item}", json=body)) == (422, "invalid_request")


async def test_a_waiting_item_is_cancelled_at_once_and_then_cannot_be_moved(client: httpx.AsyncClient) -> None:
    first, second = await waiting(client, 2)
    answer = await client.delete(f"/api/v1/queue/{first}")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert problem(await client.patch(f"/api/v1/queue/{first}", json={"before": second})) == (409, "item_not_waiting")


async def test_a_running_item_stops_at_its_next_step(client: httpx.AsyncClient, server: Server) -> None:
    async with slow_session(client, server) as (id_, item):
        answer = (await client.delete(f"/api/v1/queue/{item}")).json()
        assert answer["cancelling"] or answer["state"] == "cancelled"
        assert (await ended(client, item))["state"] == "cancelled"
    [line] = (await client.get(f"/api/v1/sessions/{id_}/lines")).json()["items"]
    assert line["outcome"] == "cancelled"


async def test_all_of_a_session_is_cancelled(client: httpx.AsyncClient, server: Server) -> None:
    async with slow_session(client, server) as (id_, item):
        later = (await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add 1 2"})).json()["item"]["id"]
        answer = await client.delete(f"/api/v1/sessions/{id_}/invocations")
        assert (answer.status_code, {each["id"] for each in answer.json()["items"]}) == (202, {item, later})
        assert [(await ended(client, each))["state"] for each in (item, later)] == ["cancelled"] * 2


async def test_the_queue_is_cleared(client: httpx.AsyncClient) -> None:
    ids = await waiting(client, 3)
    answer = await client.delete("/api/v1/queue?state=waiting")
    assert (answer.status_code, {item["id"] for item in answer.json()["items"]}) == (202, {*ids})
    assert problem(await client.delete("/api/v1/queue?state=running")) == (422, "invalid_request")


async def test_a_paused_queue_runs_nothing_until_it_goes_on(client: httpx.AsyncClient) -> None:
    [item] = await waiting(client, 1)
    assert (await client.get("/api/v1/queue/state")).json() == {"paused": True}
    assert (await client.get(f"/api/v1/queue/{item}")).json()["state"] == "waiting"
    assert (await client.put("/api/v1/queue/state", json={"paused": False})).json() == {"paused": False}
    assert (await ended(client, item))["state"] == "done"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_item_that_is_not_there_is_not_found(client: httpx.AsyncClient, method: str) -> None:
    body = {"priority": 1} if method == "PATCH" else None
    assert problem(await client.request(method, "/api/v1/queue/nothing", json=body)) == (404, "item_missing")


async def test_workers_say_what_they_run(client: httpx.AsyncClient, server: Server) -> None:
    [worker] = (await client.get("/api/v1/workers")).json()["items"]
    assert (worker["state"], worker["item"], worker["session"]) == ("idle", None, None)
    async with slow_session(client, server) as (id_, item):
        [worker] = (await client.get("/api/v1/workers")).json()["items"]
        assert (worker["state"], worker["item"], worker["session"]) == ("running", item, id_)
