"""The route that makes an image again."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from PIL import Image

from invokeai_web.server import Server

from .test_images import A1111, IMAGES, listed, run, send, with_text

pytestmark = pytest.mark.anyio


async def test_an_image_is_made_again_with_other_values(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a red fox --seed 7 --steps 4 | save fox")
    (found,) = await listed(client)
    answer = await client.post(f"{found['url']}/replay", json={"set": {"steps": "6"}})
    assert answer.status_code == 202, answer.text
    made = answer.json()
    assert made["text"] == 't2i "a red fox" --model default --steps 6 --seed 7'
    assert answer.headers["location"] == f"/api/v1/queue/{made['added']['item']['id']}"
    deadline = time.monotonic() + 20
    while len(await listed(client)) < 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert (await listed(client))[0]["session"] == made["session"]


async def test_a_replay_is_added_to_a_session(client: httpx.AsyncClient, server: Server) -> None:
    session = run(server, "t2i a red fox --seed 7 --steps 4")
    (found,) = await listed(client)
    made = (await client.post(f"{found['url']}/replay", json={"session": session})).json()
    assert (made["session"], made["added"]["line"]["number"]) == (session, 2)


async def test_a_replay_can_be_checked_first(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a red fox --seed 7 --steps 4 | invert")
    (found,) = await listed(client)
    answer = await client.post(f"{found['url']}/replay", json={"set": {"t2i.steps": "6"}, "check": True})
    assert (answer.status_code, answer.json()["added"]) == (200, None)
    assert answer.json()["text"].endswith("--steps 6 --seed 7 | invert")


REFUSED = [
    ({"set": {"nosuch": "6"}}, 422, "usage_error"),
    ({"set": {"steps": "many"}}, 422, "usage_error"),
    ({"set": {"steps": "5000"}}, 422, "out_of_range"),
    ({"session": "2026-01-01-000000-0000"}, 404, "session_missing"),
    ({"sett": {}}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_a_wrong_replay_is_refused_and_leaves_no_session(
    client: httpx.AsyncClient, server: Server, body: dict[str, object], status: int, code: str
) -> None:
    run(server, "t2i a red fox --seed 7 --steps 4")
    (found,) = await listed(client)
    answer = await client.post(f"{found['url']}/replay", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(server.invoker.sessions()) == 1


async def test_a_value_cannot_become_a_stage(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a red fox --seed 7 --steps 4")
    (found,) = await listed(client)
    body = {"set": {"prompt": "a | save x --overwrite"}, "check": True}
    text = (await client.post(f"{found['url']}/replay", json=body)).json()["text"]
    assert [stage.command for stage in server.workspace.plan(text).stages] == ["t2i"]


async def test_an_image_of_another_tool_is_made_here(client: httpx.AsyncClient) -> None:
    data = with_text(Image.new("RGB", (64, 64), "red"), A1111)
    sent = await client.post(IMAGES, content=data, headers={"Content-Type": "image/png"})
    answer = await client.post(f"{sent.json()['url']}/replay", json={"check": True})
    assert "--seed 42" in answer.json()["text"]


async def test_an_image_without_a_record_cannot_be_made_again(client: httpx.AsyncClient) -> None:
    url = (await send(client, Image.new("RGB", (8, 8), "red"), name="plain")).json()["url"]
    answer = await client.post(f"{url}/replay", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_recorded")
