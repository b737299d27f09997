"""Bodies of requests: their type, size and pace."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.types import Message

from invokeai_web.guard.bodies import JSON_BYTES, BodyRule, check_body, limited, rule_of
from invokeai_web.guard.credentials import Credentials
from invokeai_web.guard.guard import Guard
from invokeai_web.guard.hosts import Hosts
from invokeai_web.problem_details import ApiProblem
from tests.invokeai_web.conftest import BASE_URL, TOKEN

REFUSED = {
    "a form": ({"content-type": "application/x-www-form-urlencoded", "content-length": "3"}, 415),
    "text, which a page may send without asking": ({"content-type": "text/plain", "content-length": "3"}, 415),
    "no type": ({"content-length": "3"}, 415),
    "no type and no length": ({"transfer-encoding": "chunked"}, 415),
    "too long": ({"content-type": "application/json", "content-length": str(JSON_BYTES + 1)}, 413),
    "much too long": ({"content-type": "application/json", "content-length": "9" * 100}, 413),
}


@pytest.mark.parametrize(("headers", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_is_no_json_or_too_long_is_refused_before_it_is_read(headers: dict[str, str], status: int) -> None:
    with pytest.raises(ApiProblem) as found:
        check_body("/api/v1/sessions", headers)
    assert found.value.status == status


def test_the_refusal_of_a_type_says_what_is_accepted() -> None:
    with pytest.raises(ApiProblem) as found:
        check_body("/api/v1/sessions", {"content-type": "text/html; charset=x", "content-length": "1"})
    assert found.value.message == "the body must be `application/json`, and the request has `text/html`"


def test_json_in_any_charset_no_body_and_uploads_are_accepted() -> None:
    check_body("/api/v1/sessions", {"content-type": "application/json; charset=utf-8", "content-length": "3"})
    check_body("/api/v1/sessions", {"content-length": "0"})
    for kind in ("multipart/form-data; boundary=x", "image/png", "image/webp"):
        check_body("/api/v1/images", {"content-type": kind, "content-length": str(32 * 2**20)})
    assert rule_of("/api/v1/images/compare") == rule_of("/api/v1/anything") == BodyRule()


def body_of(*parts: bytes, then_waits: bool = False) -> Any:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if not then_waits:
        messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive


async def test_a_body_is_counted_while_it_arrives_whatever_its_headers_say() -> None:
    receive = limited(body_of(b"x" * 6, b"x" * 5), BodyRule(10))
    assert (await receive())["body"] == b"x" * 6
    with pytest.raises(HTTPException) as found:
        await receive()
    assert found.value.status_code == 413


async def test_a_body_that_stops_arriving_is_refused() -> None:
    receive = limited(body_of(b"x", then_waits=True), BodyRule(10), seconds=0.01)
    await receive()
    with pytest.raises(HTTPException) as found:
        await receive()
    assert (found.value.status_code, found.value.detail) == (408, "no part of the body arrived within 0 seconds")


async def test_after_the_body_the_wait_for_the_end_of_the_connection_has_no_limit() -> None:
    receive = limited(body_of(b"x"), BodyRule(10), seconds=0.01)
    await receive()
    await receive()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(), 0.1)


async def test_a_body_without_a_length_is_answered_with_413_when_it_becomes_too_large() -> None:
    app, taken = FastAPI(), [0]

    @app.post("/take")
    async def take(request: Request) -> None:
        async for part in request.stream():
            taken[0] += len(part)

    guard = Guard(app, credentials=Credentials(TOKEN), hosts=Hosts())

    async def endless() -> Any:
        for _ in range(200):
            yield b"1" * 2**16

    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=BASE_URL, headers=headers) as client:
        answer = await client.post("/take", content=endless())
    assert (answer.status_code, taken[0] <= JSON_BYTES) == (413, True)
