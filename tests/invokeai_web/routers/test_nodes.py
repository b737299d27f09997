"""The routes about nodes."""

from __future__ import annotations

from pathlib import Path

import httpx

from invokeai_web.server import Server


async def test_all_commands_are_listed_with_their_inputs(client: httpx.AsyncClient, server: Server) -> None:
    found = (await client.get("/api/v1/nodes")).json()
    assert {node["type"] for node in found["nodes"]} == set(server.catalog)
    blur = next(node for node in found["nodes"] if node["type"] == "blur")
    assert (await client.get("/api/v1/nodes/blur")).json() == blur
    assert [field["name"] for field in blur["inputs"] if field["primary"]] == ["image"]


async def test_commands_are_found_by_words_and_by_what_they_take(client: httpx.AsyncClient) -> None:
    blurs = (await client.get("/api/v1/nodes", params={"words": "Blur"})).json()["nodes"]
    assert "blur" in [node["type"] for node in blurs]
    takers = (await client.get("/api/v1/nodes", params={"takes": "image"})).json()["nodes"]
    assert {"blur", "scale"} <= {node["type"] for node in takers}
    assert "add" not in {node["type"] for node in takers}
    missing = (await client.get("/api/v1/nodes", params={"words": "nothing-like-it"})).json()
    assert (missing["status"], missing["detail"]) == (422, "no command matches `nothing-like-it`")


async def test_a_type_that_does_not_exist_is_refused_with_the_nearest_one(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/nodes/blurr")).json()
    assert (found["status"], found["detail"], found["hint"]) == (
        404,
        "there is no node `blurr`",
        "did you mean `blur`?",
    )


async def test_what_a_client_has_already_is_not_sent_again(client: httpx.AsyncClient, server: Server) -> None:
    for path in ("/api/v1/nodes", "/api/v1/nodes/schema", "/api/v1/nodes/blur"):
        tag = (await client.get(path)).headers["etag"]
        assert tag == f'"{server.nodes_digest()}"'
        again = await client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_a_plugin_that_cannot_be_loaded_is_listed_without_its_folder(
    client: httpx.AsyncClient, isolated_home: Path
) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "broken.py").write_text("import nothing_of_this_name\n")
    found = (await client.get("/api/v1/nodes/problems")).json()["problems"]
    assert [(each["file"], each["line"]) for each in found] == [("broken.py", 1)]
    assert "nothing_of_this_name" in found[0]["reason"]
    assert str(isolated_home) not in str(found)
