"""Results and scripts of sessions over HTTP."""

from __future__ import annotations

import httpx

from tests.invokeai_web.running import ended, problem


async def ran(client: httpx.AsyncClient, line: str) -> str:
    """Run a line in a new session; return its id."""
    created = (await client.post("/api/v1/sessions", json={"line": line, "run": True})).json()
    assert (await ended(client, created["item"]["id"]))["state"] == "done"
    return str(created["id"])


async def test_an_image_is_a_reference_and_an_address_and_not_a_path(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "t2i fox --width 64 --height 64 --seed 1 --steps 2")
    [result] = (await client.get(f"/api/v1/sessions/{id_}/results")).json()["results"]
    assert {*result["value"]} == {"kind", "name", "width", "height"}
    assert result["images"] == [f"/api/v1/images/{result['value']['name']}"]


async def test_no_file_is_saved_for_an_image_that_no_line_saves(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "t2i fox --width 64 --height 64 --seed 1 --steps 2")
    nodes = (await client.get(f"/api/v1/sessions/{id_}")).json()["graph"]["nodes"].values()
    assert "save" not in {node["type"] for node in nodes}


async def test_lists_of_images_have_an_address_each(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "t2i fox --width 64 --height 64 --seed 1,2,3 --steps 2")
    results = (await client.get(f"/api/v1/sessions/{id_}/results")).json()["results"]
    assert sum(len(result["images"]) for result in results) == 3


async def test_the_outputs_of_one_node(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "add 1 2 | add 3")
    first, second = (await client.get(f"/api/v1/sessions/{id_}/lines")).json()["items"][0]["nodes"]
    for node, value in ((first, 3), (second, 6)):
        found = (await client.get(f"/api/v1/sessions/{id_}/results?node={node}")).json()["results"]
        assert [(each["node"], each["value"]) for each in found] == [(node, value)]
    assert problem(await client.get(f"/api/v1/sessions/{id_}/results?node=nothing"))[1] == "missing_node"


async def test_large_integers_are_strings(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "add 9007199254740992 1")
    assert (await client.get(f"/api/v1/sessions/{id_}/results")).json()["results"][0]["value"] == "9007199254740993"


async def test_a_script_makes_the_results_again(client: httpx.AsyncClient) -> None:
    id_ = await ran(client, "add 1 2 | add 3")
    answer = await client.get(f"/api/v1/sessions/{id_}/script")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "add 1 2 | add 3" in answer.text
