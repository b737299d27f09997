"""Hostile requests: each is answered, none with a traceback, and nothing of the machine is in any answer."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from invokeai_web.compat import compat_routers
from invokeai_web.server import Server
from tests.invokeai_web.compat.conftest import listening
from tests.invokeai_web.conftest import TOKEN

STRINGS = (
    "", "a", "../../etc/passwd", "/etc/passwd", "~", "-", "*", "@1", "${x}", "a\0b", "\u202e", "😀" * 50, "x" * 30_000,
    "http://169.254.169.254/", "file:///etc/passwd", "1 | save x", "--model y", "default\n", "<lora:x:1>", "((((" * 50,
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**64, -(2**63), 1e308, 0.5, 8192, 10**30)
OTHERS = (None, True, [], {}, [[]], {"args": [1]}, ["a"] * 5)
FIELDS = {
    "/sdapi/v1/txt2img": (
        "prompt", "negative_prompt", "seed", "sampler_name", "scheduler", "cfg_scale", "enable_hr", "hr_scale",
        "styles", "override_settings", "script_name", "alwayson_scripts", "force_task_id", "n_iter", "clip_skip",
    ),
    "/sdapi/v1/img2img": ("prompt", "init_images", "mask", "mask_blur", "denoising_strength", "inpainting_mask_invert"),
    "/sdapi/v1/extra-single-image": ("image", "upscaling_resize", "upscaler_1", "resize_mode", "upscaling_crop"),
    "/sdapi/v1/png-info": ("image",),
    "/sdapi/v1/options": ("sd_model_checkpoint", "CLIP_stop_at_last_layers"),
    "/v1/images/generations": (
        "prompt", "model", "n", "response_format", "seed", "guidance", "negative_prompt", "stream", "user",
    ),
}  # fmt: skip
SMALL = {"width": 64, "height": 64, "steps": 1, "size": "64x64", "batch_size": 1}
ROUNDS = 12


@pytest.mark.parametrize("path", FIELDS)
def test_random_fields_are_answered_without_a_traceback_or_a_path(
    web: httpx.Client, compat_server: Server, path: str, isolated_home: Path, tmp_path: Path
) -> None:
    choose = random.Random(path)
    for _ in range(ROUNDS):
        wanted = choose.sample(FIELDS[path], k=min(3, len(FIELDS[path])))
        body: dict[str, Any] = {
            **SMALL,
            "prompt": "a",
            **{name: choose.choice(STRINGS + NUMBERS + OTHERS) for name in wanted},
        }
        if isinstance(body.get("n_iter"), int) and body["n_iter"] == 1:
            body["n_iter"] = 2
        answer = web.post(path, json=body)
        assert answer.status_code in (200, 400, 404, 422), (body, answer.text)
        for private in ("Traceback", str(isolated_home), str(tmp_path), str(Path.home())):
            assert private not in answer.text, body
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"1", b'"a"', b"{", b"\xff\xfe", b'{"prompt": "a", "prompt": "b"', b"[" * 5000, b'{"seed": NaN}',
     b'{"prompt": ["\\ud800"]}'],
    ids=["a list", "null", "a number", "a string", "half an object", "no UTF-8", "half a request", "deep lists", "NaN",
         "a lone surrogate"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations"])
def test_a_body_that_is_no_request_is_refused(web: httpx.Client, path: str, content: bytes) -> None:
    answer = web.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert "Traceback" not in answer.text


def test_characters_that_are_no_unicode_are_left_out_of_prompts(web: httpx.Client, compat_server: Server) -> None:
    body = b'{"prompt": "a \\ud800fox", "other": "\\udfff", "steps": 2, "width": 64, "height": 64}'
    answer = web.post("/sdapi/v1/txt2img", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["parameters"]["other"]) == (200, "\\udfff")
    (session,) = compat_server.invoker.sessions()
    nodes = compat_server.invoker.open(session.id).graph.nodes.values()
    assert [node.inputs["text"] for node in nodes if node.type == "prompt"] == ["a fox"]


def test_a_huge_image_is_refused_before_its_pixels_are_decoded(web: httpx.Client) -> None:
    bomb = base64.b64encode(_bomb()).decode()
    answer = web.post("/sdapi/v1/img2img", json={"prompt": "a", "init_images": [bomb]})
    assert (answer.status_code, answer.json()["error"]) == (413, "image_too_large")


def _bomb() -> bytes:
    """Return the beginning of a PNG file that claims to have 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_nothing_is_answered_without_the_token_or_for_another_host(address: str, compat_server: Server) -> None:
    routes = [
        (method, route.path)
        for router in compat_routers(compat_server)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    ]
    assert len(routes) >= 17
    for method, path in routes:
        url = f"{address}{path.replace('{name:path}', 'default')}"
        assert httpx.request(method, url).status_code == 401, path
        foreign = {"Host": "example.org", "Authorization": f"Bearer {TOKEN}"}
        assert httpx.request(method, url, headers=foreign).status_code == 403, path


def test_the_apis_are_off_unless_they_are_named(server: Server) -> None:
    with listening(server) as address:
        for path in ("/v1/models", "/sdapi/v1/options"):
            assert httpx.get(f"{address}{path}", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404
