"""The routes about settings and options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from invokeai_web.server import Server

pytestmark = pytest.mark.anyio
SETTINGS = "/api/v1/settings"


async def change(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.patch(SETTINGS, json=body)


async def steps(client: httpx.AsyncClient, session: str = "") -> tuple[str, Any]:
    answer = await client.post("/api/v1/line/check", json={"text": "t2i a fox", "session": session})
    (found,) = [each for each in answer.json()["forms"][0]["inputs"] if each["name"] == "steps"]
    return found["origin"], found["value"]


async def test_settings_are_shown_without_folders(client: httpx.AsyncClient) -> None:
    found = {each["name"]: each for each in (await client.get(SETTINGS)).json()["settings"]}
    assert found["max_items"]["value"] == found["max_items"]["default"] == "256"
    assert found["jobs"]["is_default"] is False  # the server decides how many workers there are
    assert not {"output_dir", "models_dirs", "nodes_dirs", "wildcards_dirs"} & set(found)


async def test_a_default_is_used_by_all_sessions_and_saved(client: httpx.AsyncClient, server: Server) -> None:
    session = server.invoker.create().id
    assert await steps(client, session) == ("model", 20)
    found = (await change(client, defaults={"steps": "7"})).json()
    assert found["defaults"] == [{"name": "steps", "value": "7", "model": None, "unused": None}]
    assert await steps(client) == await steps(client, session) == ("set", 7)
    assert 'steps = "7"' in Path(server.workspace.settings.folders.user_file).read_text()
    removed = (await change(client, defaults={"steps": None})).json()
    assert removed["defaults"] == []
    assert await steps(client) == await steps(client, session) == ("model", 20)
    assert "steps" not in Path(server.workspace.settings.folders.user_file).read_text()


async def test_a_default_can_be_for_one_model(client: httpx.AsyncClient) -> None:
    found = (await change(client, defaults={"steps": "9"}, model="default")).json()
    assert found["defaults"] == [{"name": "steps", "value": "9", "model": "default", "unused": None}]


REFUSED = [
    ({"defaults": {"stesp": "7"}}, "usage_error"),
    ({"defaults": {"steps": "many"}}, "usage_error"),
    ({"defaults": {"steps": "7"}, "model": "nosuch"}, "model_missing"),
    ({"defaults": {"negative": None}}, "usage_error"),
    ({"defaults": {"--save": "x"}}, "usage_error"),
    ({"defaults": {}, "models_dirs": "/etc"}, "invalid_request"),
    ({"defaults": {"models_dirs": "/etc"}}, "usage_error"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_a_wrong_default_is_refused(client: httpx.AsyncClient, body: dict[str, Any], code: str) -> None:
    answer = await change(client, **body)
    assert (answer.status_code in (404, 422), answer.json()["code"]) == (True, code)


async def test_defaults_are_changed_together_or_not_at_all(client: httpx.AsyncClient, server: Server) -> None:
    assert (await change(client, defaults={"steps": "7", "width": "many"})).status_code == 422
    assert (await client.get(SETTINGS)).json()["defaults"] == []
    assert not Path(server.workspace.settings.folders.user_file).exists()


async def test_options_list_what_lines_can_use(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/options")).json()
    assert {"name": "lanczos", "about": ""} in found["upscalers"]
    assert "sd1" in [each["name"] for each in found["families"]]
    assert found["limits"]["nodes"] == 2000
    assert found["features"] == {"cache": True, "openai": False, "a1111": False, "files": False}
    assert found["schedulers"]
