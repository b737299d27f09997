"""Files of this machine: nobody can find out through the API whether one exists, or read it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from PIL import Image

from invokeai_web.server import Server

pytestmark = pytest.mark.anyio
CHECK = "/api/v1/line/check"
USES = [
    "load '{}' | flip",
    "'{}' | flip",
    "flip '{}'",
    "i2i '{}' a fox",
    "i2i a.png a fox --image '{}'",
    "t2i a fox --model '{}'",
    "t2i a fox --vae '{}'",
    "t2i a fox | save '{}'",
    "inpaint a.png sky --mask '{}'",
    "t2i --dynamic a --wildcards '{}'",
    "sweep '{}' | t2i a",
    "t2i '<lora:{}:1> a'",
    "upscale a.png --model '{}'",
]
PATHS = [
    "/etc/passwd", "~/.ssh/id_rsa", "../../x.png", "C:\\x.png", "\\\\host\\x.png", "file:///etc/passwd", "-", "*.png",
    "http://127.0.0.1:1/x.png", "a/b.png", "/proc/self/environ", "./x.png", "..", ".", "/", "~",
]  # fmt: skip


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return an image in a folder of this machine."""
    path = tmp_path / "secret" / "there.png"
    path.parent.mkdir()
    Image.new("RGB", (40, 30)).save(path)
    return path


async def checked(client: httpx.AsyncClient, text: str, secret: Path, name: str) -> str:
    answer = await client.post(CHECK, json={"text": text.format(secret.with_name(name))})
    assert answer.status_code == 200
    return answer.text.replace(name, "NAME")


@pytest.mark.parametrize("use", USES, ids=range(len(USES)))
async def test_a_line_is_answered_alike_whether_a_file_exists_or_not(
    client: httpx.AsyncClient, secret: Path, use: str
) -> None:
    there, absent = [await checked(client, use, secret, name) for name in ("there.png", "other.png")]
    assert there == absent


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
async def test_a_path_is_not_an_image(client: httpx.AsyncClient, path: str) -> None:
    quoted = path.replace("\\", "\\\\")
    found = (await client.post(CHECK, json={"text": f'load "{quoted}" | flip'})).json()
    assert found["plan"] is None
    assert found["errors"][0]["code"] in ("path_refused", "url_refused", "nothing_matches", "url_not_allowed")


def graph(type_: str, **inputs: object) -> dict[str, object]:
    return {"nodes": {"1": {"id": "1", "type": type_, "inputs": inputs}}}


async def test_a_reference_with_a_path_reads_no_file(client: httpx.AsyncClient, server: Server, secret: Path) -> None:
    ref = {"kind": "image", "name": "0" * 64, "width": 40, "height": 30, "path": str(secret)}
    for body in (graph("flip", image=ref), graph("load", source=str(secret)), graph("model", name=str(secret.parent))):
        answer = await client.post("/api/v1/line/from-graph", json=body)
        assert answer.status_code < 500
        assert "there" not in answer.text or "there" in str(body["nodes"])
