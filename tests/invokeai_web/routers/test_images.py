"""The routes about images: the gallery, files, uploads and thumbnails."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from invokeai_web.server import Server
from tests.invocations.services.served import file_bytes

pytestmark = pytest.mark.anyio
IMAGES = "/api/v1/images"
A1111 = "a red fox\nNegative prompt: rain\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x64"


def run(server: Server, line: str, session: str = "") -> str:
    """Run a line in a session, and return the id of the session."""
    session = session or server.invoker.create().id
    with server.workspace_of(session) as workspace:
        workspace.run(line)
    return session


async def send(client: httpx.AsyncClient, image: Image.Image, **params: Any) -> httpx.Response:
    return await client.post(IMAGES, content=file_bytes(image), params=params, headers={"Content-Type": "image/png"})


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(IMAGES, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_results_of_lines_are_listed_with_their_lines(client: httpx.AsyncClient, server: Server) -> None:
    session = run(server, "t2i a red fox --seed 7 --steps 4")
    (found,) = await listed(client)
    assert (found["text"], found["session"], found["origin"]) == ("t2i a red fox --seed 7 --steps 4", session, "result")
    assert (found["model"], found["width"], found["height"]) == ("default", 96, 96)
    assert found["url"] == f"{IMAGES}/{found['id']}"


FILTERS: list[tuple[dict[str, Any], int]] = [
    ({"words": "fox red"}, 1),
    ({"words": "house"}, 0),
    ({"model": "default"}, 1),
    ({"model": "other"}, 0),
    ({"kind": "mask"}, 0),
    ({"origin": "upload"}, 1),
    ({"starred": "true"}, 0),
    ({"tag": "x"}, 0),
    ({"since": 4e9}, 0),
]


async def test_the_gallery_is_searched(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a red fox --seed 7 --steps 4")
    await send(client, Image.new("RGB", (8, 8), "blue"), name="sky")
    assert [len(await listed(client, **params)) for params, _ in FILTERS] == [count for _, count in FILTERS]


async def test_pages_follow_each_other(client: httpx.AsyncClient) -> None:
    for shade in range(5):
        await send(client, Image.new("RGB", (8, 8), (shade, 0, 0)), name=f"n{shade}")
    names: list[str] = []
    url = f"{IMAGES}?limit=2"
    while url:
        answer = await client.get(url)
        names += [each["name"] for each in answer.json()["items"]]
        url = answer.links["next"]["url"] if "next" in answer.links else ""
    assert names == ["n4", "n3", "n2", "n1", "n0"]
    for cursor in ("x", "WzFd", "W10"):
        assert (await client.get(IMAGES, params={"cursor": cursor})).json()["code"] == "bad_cursor"


async def test_an_image_is_sent_as_a_body_or_as_a_form(client: httpx.AsyncClient) -> None:
    image = Image.new("RGB", (20, 10), "red")
    first = await send(client, image, name="house")
    assert (first.status_code, first.json()["name"], first.json()["making"]) == (201, "house", None)
    assert first.headers["location"] == first.json()["url"]
    files = {"file": ("../../my house.PNG", file_bytes(Image.new("RGB", (20, 10), "green")), "image/png")}
    second = await client.post(IMAGES, files=files)
    assert (second.status_code, second.json()["name"]) == (201, "my-house")
    again = await send(client, image)
    assert (again.status_code, again.json()["id"], again.json()["name"]) == (200, first.json()["id"], "house")


async def test_a_sent_image_can_be_loaded_by_its_name(client: httpx.AsyncClient, server: Server) -> None:
    await send(client, Image.new("RGB", (20, 10), "red"), name="house")
    checked = await client.post("/api/v1/line/check", json={"text": "load house | invert"})
    assert checked.json()["errors"] == []
    completed = await client.post("/api/v1/line/complete", json={"text": "load ho", "cursor": 7})
    assert [each["text"] for each in completed.json()["choices"]] == ["house"]
    run(server, "load house | invert")
    assert (await listed(client, origin="result"))[0]["width"] == 20


async def test_a_mask_is_sent(client: httpx.AsyncClient) -> None:
    answer = await send(client, Image.new("RGB", (20, 10), "white"), name="hole", **{"as": "mask"})
    assert answer.json()["kind"] == "mask"


REFUSED = [
    (b"no image", "image/png", 422, "image_unreadable"),
    (b"", "image/png", 422, "image_unreadable"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 422, "image_unreadable"),
]


@pytest.mark.parametrize(("data", "kind", "status", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_what_is_no_image_is_refused(
    client: httpx.AsyncClient, data: bytes, kind: str, status: int, code: str
) -> None:
    answer = await client.post(IMAGES, content=data, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_form_without_a_file_is_refused(client: httpx.AsyncClient) -> None:
    for files in ({"other": ("a.png", b"x", "image/png")}, {"file": (None, "text")}):
        answer = await client.post(IMAGES, files=files)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_an_image_is_returned_as_png_and_only_once(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a fox --seed 7 --steps 4")
    url = (await listed(client))[0]["url"]
    first = await client.get(url)
    assert first.headers["content-type"] == "image/png"
    assert "immutable" in first.headers["cache-control"]
    assert Image.open(BytesIO(first.content)).size == (96, 96)
    again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = await client.get(url, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, first.content[2:6])
    stale = await client.get(url, headers={"Range": "bytes=2-5", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, first.content)
    beyond = await client.get(url, headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416
    head = await client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(first.content))


DOWNLOADS = [
    ("", 'filename="house.png"'),
    ("my fox.png", 'filename="my fox.png"'),
    ("../../etc/passwd", 'filename="-..-etc-passwd"'),
    ('a"b\r\nX: y.png', 'filename="a-b--X- y.png"'),
    ("f\u00fcchs.png", 'filename="fuchs.png"'),
    ("\U0001f98a", 'filename="-"'),
]


@pytest.mark.parametrize(("name", "shown"), DOWNLOADS, ids=range(len(DOWNLOADS)))
async def test_a_download_has_a_safe_name(client: httpx.AsyncClient, name: str, shown: str) -> None:
    url = (await send(client, Image.new("RGB", (20, 10), "red"), name="house")).json()["url"]
    answer = await client.get(url, params={"download": name})
    assert answer.headers["content-disposition"].startswith(f"attachment; {shown}; filename*=UTF-8''")
    assert "x" not in answer.headers


@pytest.mark.parametrize("size", [128, 320, 640])
async def test_a_thumbnail_has_a_fixed_size(client: httpx.AsyncClient, size: int) -> None:
    url = (await send(client, Image.new("RGB", (1000, 500), "red"))).json()["url"]
    answer = await client.get(f"{url}/thumbnail", params={"size": size})
    assert answer.headers["content-type"] == "image/webp"
    assert max(Image.open(BytesIO(answer.content)).size) == size
    again = await client.get(
        f"{url}/thumbnail", params={"size": size}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_other_sizes_of_thumbnails_are_refused(client: httpx.AsyncClient) -> None:
    url = (await send(client, Image.new("RGB", (10, 10), "red"))).json()["url"]
    assert (await client.get(f"{url}/thumbnail", params={"size": 100})).status_code == 422


async def test_an_image_is_starred_tagged_named_and_removed(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a fox --seed 7 --steps 4")
    (found,) = await listed(client)
    body = {"starred": True, "tags": ["fox", "red"], "name": "my-fox"}
    changed = (await client.patch(found["url"], json=body)).json()
    assert (changed["starred"], changed["tags"], changed["name"]) == (True, ["fox", "red"], "my-fox")
    assert len(await listed(client, tag="FOX", starred=True)) == 1
    assert server.workspace.plan("load my-fox").stages
    assert (await client.delete(found["url"])).status_code == 204
    assert await listed(client) == []
    answer = await client.delete(found["url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "image_missing")


async def test_a_name_belongs_to_one_image(client: httpx.AsyncClient) -> None:
    await send(client, Image.new("RGB", (8, 8), "red"), name="a")
    other = (await send(client, Image.new("RGB", (8, 8), "blue"), name="b")).json()["url"]
    answer = await client.patch(other, json={"name": "A"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    for name in ("a/b", "../x", "a b", "-x", "~", "C:\\x", "x" * 150):
        answer = await client.patch(other, json={"name": name})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")


WRONG_IDS = ["x", "0" * 63, "g" * 64, "..%2f..%2fetc%2fpasswd", "A" * 64]


@pytest.mark.parametrize("image", WRONG_IDS)
async def test_only_ids_name_images(client: httpx.AsyncClient, image: str) -> None:
    for suffix in ("", "/thumbnail", "/making"):
        answer = await client.get(f"{IMAGES}/{image}{suffix}")
        assert answer.status_code in (404, 422)


async def test_an_image_that_is_not_there_is_missing(client: httpx.AsyncClient) -> None:
    for suffix, code in (("", "image_gone"), ("/thumbnail", "image_gone"), ("/making", "image_missing")):
        answer = await client.get(f"{IMAGES}/{'0' * 64}{suffix}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def with_text(image: Image.Image, text: str) -> bytes:
    info = PngInfo()
    info.add_text("parameters", text)
    return file_bytes(image, pnginfo=info)


async def test_how_an_image_was_made_is_told(client: httpx.AsyncClient, server: Server) -> None:
    run(server, "t2i a red fox --seed 18446744073709551615 --steps 4 | invert")
    (found,) = await listed(client)
    making = (await client.get(f"{found['url']}/making")).json()
    assert making["typed"] == "t2i a red fox --seed 18446744073709551615 --steps 4 | invert"
    assert making["identical"] is True
    assert making["tool"] == "invokeai-cli"
    assert making["parameters"]["prompt"] == "a red fox"
    assert making["parameters"]["seed"] == "18446744073709551615"
    assert server.workspace.plan(making["line"]).stages[0].command == "t2i"
    assert {node["type"] for node in making["graph"]["nodes"].values()} >= {"denoise", "invert"}
    seeds = [node["inputs"].get("seed") for node in making["graph"]["nodes"].values()]
    assert "18446744073709551615" in seeds


async def test_an_image_of_another_tool_comes_with_its_line(client: httpx.AsyncClient) -> None:
    data = with_text(Image.new("RGB", (64, 64), "red"), A1111)
    answer = await client.post(IMAGES, content=data, headers={"Content-Type": "image/png"})
    making = answer.json()["making"]
    assert making["tool"] == "AUTOMATIC1111"
    assert "--seed 42" in making["line"]
    assert (await client.get(f"{answer.json()['url']}/making")).json() == making


async def test_an_image_without_a_record_says_so(client: httpx.AsyncClient) -> None:
    url = (await send(client, Image.new("RGB", (8, 8), "red"), name="plain")).json()["url"]
    answer = await client.get(f"{url}/making")
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_recorded")


async def test_a_starred_image_keeps_its_record_when_its_session_is_gone(
    client: httpx.AsyncClient, server: Server
) -> None:
    session = run(server, "t2i a red fox --seed 7 --steps 4")
    (found,) = await listed(client)
    await client.patch(found["url"], json={"name": "fox"})
    server.invoker.delete(session)
    making = (await client.get(f"{found['url']}/making")).json()
    assert making["typed"] == "t2i a red fox --seed 7 --steps 4"
