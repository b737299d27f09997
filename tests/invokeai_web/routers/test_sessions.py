"""Sessions over HTTP: create, list, read, change, delete, export and import."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from invokeai_web.server import Server
from tests.invokeai_web.running import ended, made, problem, slow_session

GRAPH = {
    "nodes": {
        "a": {"id": "a", "type": "add", "inputs": {"a": 1, "b": 2}},
        "b": {"id": "b", "type": "add", "inputs": {"b": 3}},
    },
    "edges": [{"source": "a", "output": "value", "target": "b", "input": "a"}],
}


async def test_an_empty_session_is_created_and_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/sessions", json={"title": "  My   fox "})
    assert answer.status_code == 201
    created = answer.json()
    assert answer.headers["location"] == f"/api/v1/sessions/{created['id']}"
    assert (created["title"], created["lines"], created["item"]) == ("My fox", 0, None)
    found = (await client.get(answer.headers["location"])).json()
    assert (found["schema"], found["lines"], found["graph"]["nodes"]) == ("session-export/1", [], {})
    assert (found["last"], found["queue"], found["state"]) == (0, [], {"running": False, "at_work": []})


async def test_a_session_may_start_with_a_line_that_runs(client: httpx.AsyncClient) -> None:
    created = (await client.post("/api/v1/sessions", json={"line": "add 1 2 | add 3", "run": True})).json()
    assert created["line"]["line"] == "add 1 2 | add 3"
    assert (await ended(client, created["item"]["id"]))["state"] == "done"
    found = (await client.get(f"/api/v1/sessions/{created['id']}")).json()
    assert [line["outcome"] for line in found["lines"]] == ["done"]
    assert [row["outputs"] for row in found["results"]] == [{"value": 3}, {"value": 6}]
    assert found["last"] > 0


async def test_a_session_that_started_with_a_graph_is_listed_with_the_line_that_creates_it(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/api/v1/sessions", json={"graph": GRAPH})
    (listed,) = (await client.get("/api/v1/sessions")).json()["items"]
    assert listed["first_line"] == "add 1 2 | add 3"


async def test_a_session_may_start_with_a_graph(client: httpx.AsyncClient) -> None:
    created = (await client.post("/api/v1/sessions", json={"graph": GRAPH, "run": True})).json()
    assert created["line"]["nodes"] == ["a", "b"]
    await ended(client, created["item"]["id"])
    results = (await client.get(f"/api/v1/sessions/{created['id']}/results")).json()
    assert results == {
        "format": "results/1",
        "results": [{"node": "b", "type": "add", "output": "value", "value": 6, "images": []}],
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"line": "t2j fox"}, 422, "unknown_command"),
        ({"graph": {"nodes": {"a": {"id": "a", "type": "dance"}}}}, 422, "unknown_type"),
        ({"graph": GRAPH, "line": "add 1 2"}, 422, "invalid_request"),
        ({"title": "x" * 201}, 422, "invalid_request"),
        ({"more": 1}, 422, "invalid_request"),
    ],
)
async def test_a_refused_session_is_not_created(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    assert problem(await client.post("/api/v1/sessions", json=body)) == (status, code)
    assert (await client.get("/api/v1/sessions")).json()["items"] == []


async def test_a_refused_line_names_the_place_of_the_error(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/api/v1/sessions", json={"line": "add 1 2 | blurr 3"})).json()
    assert (answer["code"], answer["span"], answer["type"]) == (
        "unknown_command",
        [10, 15],
        "/problems/unknown_command",
    )


async def test_sessions_are_listed_in_pages_the_latest_first(client: httpx.AsyncClient) -> None:
    for title in "abcde":
        await client.post("/api/v1/sessions", json={"title": title})
    found, address = [], "/api/v1/sessions?limit=2"
    while address:
        answer = await client.get(address)
        page = answer.json()
        found.append([item["title"] for item in page["items"]])
        assert ("link" in answer.headers) == (page["next"] != "")
        address = answer.links["next"]["url"] if "link" in answer.headers else ""
    assert found == [["e", "d"], ["c", "b"], ["a"]]


async def test_sessions_are_found_by_words(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/sessions", json={"line": "add 1 2"})
    await client.post("/api/v1/sessions", json={"title": "red fox"})
    found = (await client.get("/api/v1/sessions", params={"words": "fox red"})).json()["items"]
    assert [item["title"] for item in found] == ["red fox"]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "e30", "W10", "////"])
async def test_a_malformed_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert problem(await client.get("/api/v1/sessions", params={"cursor": cursor})) == (400, "bad_cursor")


async def test_title_and_pin_are_changed(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    await client.patch(f"/api/v1/sessions/{id_}", json={"title": "sum", "pinned": True})
    answer = (await client.patch(f"/api/v1/sessions/{id_}", json={"title": "total"})).json()
    assert (answer["title"], answer["pinned"]) == ("total", True)
    assert [item["id"] for item in (await client.get("/api/v1/sessions?pinned=true")).json()["items"]] == [id_]
    assert (await client.get("/api/v1/sessions?pinned=false")).json()["items"] == []


async def test_a_session_that_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    etag = (await client.get(f"/api/v1/sessions/{id_}")).headers["etag"]
    again = await client.get(f"/api/v1/sessions/{id_}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add 3 4", "run": False})
    assert (await client.get(f"/api/v1/sessions/{id_}", headers={"If-None-Match": etag})).status_code == 200


async def test_a_running_session_cannot_be_deleted_and_says_what_it_is_doing(
    client: httpx.AsyncClient, server: Server
) -> None:
    async with slow_session(client, server) as (id_, item):
        assert problem(await client.delete(f"/api/v1/sessions/{id_}")) == (409, "session_busy")
        found = (await client.get(f"/api/v1/sessions/{id_}")).json()
        assert found["state"]["running"]
        assert [each["id"] for each in found["queue"]] == [item]
        assert found["queue"][0]["position"] == 0
    assert (await client.delete(f"/api/v1/sessions/{id_}")).status_code == 204
    assert problem(await client.get(f"/api/v1/sessions/{id_}")) == (404, "session_missing")


async def test_an_exported_session_can_be_imported_and_does_not_run(client: httpx.AsyncClient, server: Server) -> None:
    id_ = await made(client, "t2i fox --seed 18446744073709551615 --width 64 --height 64")
    document = (await client.get(f"/api/v1/sessions/{id_}/export")).json()
    seeds = [node["inputs"]["seed"] for node in document["graph"]["nodes"].values() if "seed" in node["inputs"]]
    assert "18446744073709551615" in seeds
    assert problem(await client.post("/api/v1/sessions/import", json=document)) == (409, "session_exists")
    await client.delete(f"/api/v1/sessions/{id_}")
    answer = await client.post("/api/v1/sessions/import", json=document)
    assert (answer.status_code, answer.json()["imported"]) == (201, True)
    nodes = server.invoker.open(id_).graph.nodes.values()
    assert 18446744073709551615 in [node.inputs.get("seed") for node in nodes]
    assert problem(await client.post(f"/api/v1/sessions/{id_}/invocations", json={})) == (403, "not_allowed")


async def test_what_is_no_session_cannot_be_imported(client: httpx.AsyncClient) -> None:
    for document in ({}, {"schema": "session-export/9"}, {"schema": "session-export/1", "graph": []}):
        assert problem(await client.post("/api/v1/sessions/import", json=document)) == (422, "not_importable")


MISSING = [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/export"), ("GET", "/lines"), ("POST", "/lines"),
    ("POST", "/nodes"), ("POST", "/graph"), ("POST", "/invocations"), ("DELETE", "/invocations"), ("GET", "/events"),
    ("GET", "/results"), ("GET", "/script"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), MISSING)
async def test_every_route_of_a_session_that_is_not_there_answers_404(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    bodies: dict[str, Any] = {
        "/lines": {"line": "add 1 2"}, "/nodes": {"node": GRAPH["nodes"]["a"]}, "/graph": GRAPH,  # type: ignore[index]
    }  # fmt: skip
    body = bodies.get(path, {}) if method in ("POST", "PATCH") else None
    answer = await client.request(method, f"/api/v1/sessions/missing{path}", json=body)
    assert problem(answer) == (404, "session_missing")


async def test_requests_to_one_session_at_the_same_time_are_answered_one_after_the_other(
    client: httpx.AsyncClient,
) -> None:
    id_ = await made(client, "add 1 2")
    added = await asyncio.gather(
        *[client.post(f"/api/v1/sessions/{id_}/lines", json={"line": f"add {number} 1"}) for number in range(8)]
    )
    assert sorted(each.json()["line"]["number"] for each in added) == [*range(2, 10)]
