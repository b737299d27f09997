"""The routes about models."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from invokeai_web.server import Server

pytestmark = pytest.mark.anyio
MODELS = "/api/v1/models"


async def test_models_are_listed_without_their_paths(client: httpx.AsyncClient, server: Server) -> None:
    answer = await client.get(MODELS)
    first = answer.json()["models"][0]
    assert (first["name"], first["state"], first["origin"]) == ("default", "ready", "built in")
    assert "path" not in first


async def test_a_model_is_described_with_the_settings_that_suit_it(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{MODELS}/default")).json()
    assert found["defaults"]["width"] == 96
    assert "path" not in found
    assert "path" not in found["defaults"]
    assert found["words"]


async def test_the_users_defaults_for_a_model_are_told(client: httpx.AsyncClient) -> None:
    await client.patch("/api/v1/settings", json={"defaults": {"steps": "7"}, "model": "default"})
    assert (await client.get(f"{MODELS}/default")).json()["own_defaults"] == {"steps": "7"}


async def test_an_unknown_model_is_missing(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{MODELS}/defalt")
    assert (answer.status_code, answer.json()["code"]) == (404, "model_missing")
    assert answer.json()["hint"] == "did you mean `default`?"


async def test_a_path_is_not_the_name_of_a_model(client: httpx.AsyncClient, server: Server, tmp_path: Path) -> None:
    details = server.workspace.models.details("default")
    for path in (details.info.path, "/etc/passwd", "../../etc/passwd", str(tmp_path)):
        answer = await client.get(f"{MODELS}/{path}")
        assert answer.status_code == 404


async def test_an_unknown_kind_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(MODELS, params={"kind": "modle"})
    assert (answer.status_code, answer.json()["code"]) == (422, "usage_error")
    assert answer.json()["detail"] == "there is no kind `modle`"


async def test_a_model_that_was_added_is_found_by_a_rescan(client: httpx.AsyncClient, server: Server) -> None:
    source = server.workspace.models.details("default").info.path
    folder = Path(server.workspace.settings.folders.models)
    shutil.copytree(source, folder / "mine")
    names = [each["name"] for each in (await client.post(f"{MODELS}/rescan")).json()["models"]]
    assert "mine" in names
    found = (await client.get(f"{MODELS}/mine")).json()
    assert found["origin"] == folder.name
    assert str(folder) not in str(found)
