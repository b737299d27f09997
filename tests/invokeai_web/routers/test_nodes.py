"""The routes about nodes and recipes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from invokeai_web.routers.nodes import NodeList
from invokeai_web.server import Server
from workflows.manual.node_data import node_data

pytestmark = pytest.mark.anyio
NODES = "/api/v1/nodes"


async def test_nodes_are_listed_as_the_terminal_prints_them(client: httpx.AsyncClient, server: Server) -> None:
    found = (await client.get(NODES)).json()
    NodeList.model_validate(found)
    assert {each["type"] for each in found["nodes"]} == set(server.catalog)
    (blur,) = [each for each in found["nodes"] if each["type"] == "blur"]
    assert blur == node_data(server.catalog["blur"], server.catalog)
    assert (await client.get(f"{NODES}/blur")).json() == blur


async def test_nodes_are_found_by_words_and_by_what_they_take(client: httpx.AsyncClient) -> None:
    found = (await client.get(NODES, params={"words": "Gaussian blur"})).json()
    assert "blur" in [each["type"] for each in found["nodes"]]
    takes = (await client.get(NODES, params={"takes": "latents"})).json()
    types = [each["type"] for each in takes["nodes"]]
    assert "decode" in types
    assert "blur" not in types
    nothing = (await client.get(NODES, params={"words": "controlnett"})).json()
    assert nothing["nodes"] == []
    assert nothing["hint"]


async def test_an_unknown_node_is_missing(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{NODES}/blurr")
    assert (answer.status_code, answer.json()["code"]) == (404, "node_missing")
    assert answer.json()["hint"] == "did you mean `blur`?"


PATHS = ["", "?words=blur", "/blur", "/schema", "/problems"]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
async def test_an_answer_is_sent_once_per_catalog(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(NODES + path)
    again = await client.get(NODES + path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_different_questions_have_different_tags(client: httpx.AsyncClient) -> None:
    tags = [(await client.get(NODES + path)).headers["etag"] for path in PATHS]
    assert len(set(tags)) == len(PATHS)


async def test_a_new_file_of_nodes_changes_the_tag_and_is_listed(
    client: httpx.AsyncClient, server: Server, isolated_home: Path
) -> None:
    before = await client.get(NODES)
    folder = Path(server.workspace.settings.folders.nodes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.py").write_text("raise RuntimeError('no')")
    after = await client.get(NODES, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["digest"] != before.json()["digest"]
    (problem,) = (await client.get(f"{NODES}/problems")).json()["problems"]
    assert (problem["file"], problem["line"]) == ("broken.py", 1)
    assert str(isolated_home) not in str(problem)


async def test_the_schema_describes_every_node(client: httpx.AsyncClient, server: Server) -> None:
    found = (await client.get(f"{NODES}/schema")).json()
    nodes = [spec for spec in server.catalog.values() if not spec.is_recipe]
    assert len(found["$defs"]["AnyNode"]["oneOf"]) == len(nodes)
