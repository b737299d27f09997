"""The routes for comparing images and for archives."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest
from PIL import Image

from invokeai_web.server import Server

from .test_images import IMAGES, listed, run, send

pytestmark = pytest.mark.anyio


async def test_two_images_are_compared_with_their_lines(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a fox --seed 7 --steps 4")
    run(server, "t2i a fox --seed 7 --steps 5")
    second, first = await listed(client)
    found = (await client.post(f"{IMAGES}/compare", json={"a": first["id"], "b": second["id"]})).json()
    assert found["equal"] is False
    assert found["psnr"] > 40
    assert found["inputs"] == [{"node": "denoise", "number": 1, "input": "steps", "a": 4, "b": 5}]
    assert found["lines"] == [first["text"], second["text"]]
    difference = await client.get(found["difference"])
    assert Image.open(BytesIO(difference.content)).getpixel((0, 0)) == (0, 1, 0)


async def test_an_image_equals_itself(client: httpx.AsyncClient) -> None:
    image = (await send(client, Image.new("RGB", (8, 8), "red"))).json()["id"]
    found = (await client.post(f"{IMAGES}/compare", json={"a": image, "b": image})).json()
    assert (found["equal"], found["difference"], found["inputs"]) == (True, None, [])


async def test_images_of_different_sizes_are_not_measured(client: httpx.AsyncClient) -> None:
    ids = [(await send(client, Image.new("RGB", (side, 8), "red"))).json()["id"] for side in (8, 9)]
    found = (await client.post(f"{IMAGES}/compare", json={"a": ids[0], "b": ids[1]})).json()
    assert (found["reason"], found["psnr"], found["difference"]) == ("different sizes (8x8 and 9x8)", None, None)


async def test_an_archive_contains_each_image_under_a_name_of_its_own(client: httpx.AsyncClient) -> None:
    ids = []
    for shade, name in ((0, "sky"), (1, "Sky-2"), (2, "")):
        ids.append((await send(client, Image.new("RGB", (8, 8), (shade, 0, 0)), name=name)).json()["id"])
    answer = await client.post(f"{IMAGES}/archive", json={"ids": [*ids, ids[0]]})
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="images.zip"' in answer.headers["content-disposition"]
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["sky.png", "Sky-2.png", f"{ids[2][:12]}.png"]
        shades = [Image.open(archive.open(name)).getpixel((0, 0)) for name in archive.namelist()]
    assert shades == [(0, 0, 0), (1, 0, 0), (2, 0, 0)]


async def test_an_archive_of_too_many_or_missing_images_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{IMAGES}/archive", json={"ids": []})).status_code == 422
    assert (await client.post(f"{IMAGES}/archive", json={"ids": ["0" * 64] * 201})).status_code == 422
    answer = await client.post(f"{IMAGES}/archive", json={"ids": ["0" * 64]})
    assert (answer.status_code, answer.json()["code"]) == (404, "image_missing")
