"""Lines and nodes over HTTP: added with the versions that clients know, and never changed or removed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from invokeai_web.server import Server
from tests.invokeai_web.running import ended, made, problem, slow_session

ADD = {"id": "n", "type": "add", "inputs": {"a": 1, "b": 2}}


async def test_a_line_continues_the_results_of_earlier_lines_and_runs(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2 as three")
    answer = await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add @three 4"})
    added = answer.json()
    assert (answer.status_code, added["line"]["number"], added["warnings"]) == (201, 2, [])
    assert answer.headers["location"] == f"/api/v1/queue/{added['item']['id']}"
    assert added["item"]["lines"] == [2]
    await ended(client, added["item"]["id"])
    results = (await client.get(f"/api/v1/sessions/{id_}/results")).json()["results"]
    assert [result["value"] for result in results] == [3, 7]


async def test_a_line_that_does_not_run_is_only_added(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    added = (await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add 3 4", "run": False})).json()
    assert (added["item"], added["line"]["outcome"]) == (None, "")
    assert (await client.get(f"/api/v1/queue?session={id_}")).json()["items"] == []


async def test_lines_are_listed_in_pages_in_order(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 0 1")
    for number in range(1, 5):
        await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": f"add {number} 1", "run": False})
    found: list[list[int]] = []
    cursor, is_first = "", True
    while cursor or is_first:
        is_first = False
        page = (await client.get(f"/api/v1/sessions/{id_}/lines", params={"limit": 2, "cursor": cursor})).json()
        found.append([line["number"] for line in page["items"]])
        cursor = page["next"]
    assert found == [[1, 2], [3, 4], [5]]


async def test_a_line_for_a_version_to_which_another_client_has_added_is_refused(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    address = f"/api/v1/sessions/{id_}/lines"
    etag = (await client.get(address)).headers["etag"]
    first = await client.post(address, json={"line": "add 3 4"}, headers={"If-Match": etag})
    assert first.status_code == 201
    await ended(client, first.json()["item"]["id"])
    assert problem(await client.post(address, json={"line": "add 5 6"}, headers={"If-Match": etag})) == (
        412, "session_changed",
    )  # fmt: skip
    later = await client.post(address, json={"line": "add 5 6"}, headers={"If-Match": first.headers["etag"]})
    assert later.status_code == 201, "the results of the first line do not count as a change"


@pytest.mark.parametrize("etag", ["1", '"x"', "W/", '"99999999999999999999"'])
async def test_a_header_that_is_no_version_is_refused(client: httpx.AsyncClient, etag: str) -> None:
    id_ = await made(client, "add 1 2")
    answer = await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add 1 1"}, headers={"If-Match": etag})
    assert problem(answer) == (412, "session_changed")


async def test_a_version_of_the_future_is_refused(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    answer = await client.post(f"/api/v1/sessions/{id_}/nodes", json={"node": ADD}, headers={"If-Match": '"77"'})
    assert problem(answer) == (412, "session_changed")


async def test_a_refused_line_leaves_the_session_and_the_queue_as_they_were(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    assert problem(await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add @5 1"}))[0] == 422
    assert len((await client.get(f"/api/v1/sessions/{id_}/lines")).json()["items"]) == 1
    assert (await client.get("/api/v1/queue")).json()["items"] == []


async def test_a_line_joins_a_session_that_is_running(client: httpx.AsyncClient, server: Server) -> None:
    async with slow_session(client, server) as (id_, _):
        added = (await client.post(f"/api/v1/sessions/{id_}/lines", json={"line": "add 1 2"})).json()
        assert (added["item"]["state"], added["item"]["position"]) == ("waiting", 1)
    assert (await ended(client, added["item"]["id"]))["state"] == "done"


async def test_a_node_comes_with_its_links(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    [source] = (await client.get(f"/api/v1/sessions/{id_}/lines")).json()["items"][0]["nodes"]
    body = {
        "node": {"id": "sum", "type": "add", "inputs": {"b": 10}},
        "links": [{"source": source, "output": "value", "input": "a"}],
    }
    answer = await client.post(f"/api/v1/sessions/{id_}/nodes", json=body)
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "nodes": [{"id": "sum", "type": "add", "inputs": {"b": 10}}],
            "edges": [{"source": source, "output": "value", "target": "sum", "input": "a"}],
        },
    )
    item = (await client.post(f"/api/v1/sessions/{id_}/invocations", json={"what": ["sum"]})).json()
    await ended(client, item["id"])
    results = (await client.get(f"/api/v1/sessions/{id_}/results?node=sum")).json()["results"]
    assert [result["value"] for result in results] == [13]


async def test_a_node_may_be_linked_as_a_line_would_link_it(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "t2i fox --width 64 --height 64 --seed 1")
    body = {"node": {"type": "blur"}, "links": "auto"}
    answer = (await client.post(f"/api/v1/sessions/{id_}/nodes", json=body)).json()
    assert [node["id"] for node in answer["nodes"]] == ["blur_1"]
    assert [(edge["output"], edge["input"]) for edge in answer["edges"]] == [("image", "image")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"node": {"id": "n", "type": "dance"}}, "unknown_type"),
        ({"node": {"id": "n", "type": "add", "inputs": {"c": 1}}}, "unknown_field"),
        ({"node": {"id": "n", "type": "add", "inputs": {"a": "x", "b": 1}}}, "bad_value"),
        ({"node": {"id": "n", "type": "add", "inputs": {"a": 1}}}, "missing_input"),
        ({"node": ADD, "links": [{"source": "x", "output": "value", "input": "a"}]}, "missing_node"),
        ({"node": {"type": 5}}, "malformed_graph"),
        ({"node": []}, "invalid_request"),
        ({"links": []}, "invalid_request"),
    ],
)
async def test_a_refused_node_is_not_added(client: httpx.AsyncClient, body: dict[str, Any], code: str) -> None:
    id_ = await made(client, "add 1 2")
    assert problem(await client.post(f"/api/v1/sessions/{id_}/nodes", json=body)) == (422, code)
    assert len((await client.get(f"/api/v1/sessions/{id_}")).json()["graph"]["nodes"]) == 1


async def test_a_node_that_is_there_is_not_changed(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    assert (await client.post(f"/api/v1/sessions/{id_}/nodes", json={"node": ADD})).status_code == 201
    assert problem(await client.post(f"/api/v1/sessions/{id_}/nodes", json={"node": ADD})) == (422, "duplicate_node")
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await client.request(method, f"/api/v1/sessions/{id_}/nodes", json={"node": ADD})
        assert problem(answer) == (405, "method_not_allowed")


async def test_a_graph_is_added_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    good = {"nodes": {"n": ADD}, "edges": []}
    answer = await client.post(f"/api/v1/sessions/{id_}/graph", json=good)
    assert (answer.status_code, [node["id"] for node in answer.json()["nodes"]]) == (201, ["n"])
    bad = {"nodes": {"m": {**ADD, "id": "m"}, "n": ADD}, "edges": []}
    assert problem(await client.post(f"/api/v1/sessions/{id_}/graph", json=bad)) == (422, "duplicate_node")
    found = (await client.get(f"/api/v1/sessions/{id_}")).json()["graph"]["nodes"]
    assert "m" not in found


async def test_paths_of_references_are_dropped(client: httpx.AsyncClient) -> None:
    id_ = await made(client, "add 1 2")
    image = {"kind": "image", "name": "a" * 64, "width": 8, "height": 8, "path": "/etc/passwd"}
    body = {"node": {"id": "n", "type": "blur", "inputs": {"image": image}}}
    answer = await client.post(f"/api/v1/sessions/{id_}/nodes", json=body)
    assert answer.status_code == 201
    assert "passwd" not in (await client.get(f"/api/v1/sessions/{id_}/export")).text
