"""A request that creates something is carried out once for each idempotency key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse

from invocations.storing.idempotency import RequestRecords
from invokeai_web.private_paths import PrivatePaths
from invokeai_web.problem_details import ApiProblem, problem_answer
from invokeai_web.repeated_requests import RepeatedRequests
from tests.invokeai_web.conftest import BASE_URL

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


class Counting:
    """An application that counts what it creates."""

    def __init__(self, records: RequestRecords) -> None:
        self.created = 0
        self.may_go_on = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.may_go_on.set()
        app = FastAPI()
        app.add_exception_handler(ApiProblem, lambda request, error: problem_answer(error))
        app.post("/api/v1/sessions")(self.create)
        app.post("/api/v1/images")(self.upload)
        app.post("/api/v1/line/check")(self.upload)
        self.app = RepeatedRequests(app, records, PrivatePaths({}))

    async def create(self, body: dict[str, Any] = Body()) -> JSONResponse:  # noqa: B008 - FastAPI's way to declare it
        self.has_begun.set()
        await self.may_go_on.wait()
        if body.get("refused"):
            raise ApiProblem(409, "session_busy", "busy")
        self.created += 1
        return JSONResponse({"number": self.created}, 201, headers={"Location": f"/{self.created}", "ETag": '"1"'})

    async def upload(self, request: Request) -> int:
        self.created += len(await request.body()) > 0
        return self.created


@pytest.fixture
async def counting(tmp_path: Path) -> AsyncIterator[Counting]:
    records = RequestRecords(tmp_path / "requests.sqlite")
    yield Counting(records)
    records.close()


@pytest.fixture
async def asking(counting: Counting) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(counting.app), base_url=BASE_URL) as client:
        yield client


async def test_a_repeated_request_gets_the_first_answer_again(counting: Counting, asking: httpx.AsyncClient) -> None:
    answers = [await asking.post("/api/v1/sessions", json={"a": 1}, headers=KEY) for _ in range(3)]
    assert counting.created == 1
    for answer in answers:
        assert (answer.status_code, answer.json()) == (201, {"number": 1})
        assert (answer.headers["location"], answer.headers["etag"]) == ("/1", '"1"')
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True, True]


async def test_without_a_key_or_with_another_one_each_request_counts(
    counting: Counting, asking: httpx.AsyncClient
) -> None:
    for headers in ({}, {}, KEY, {"Idempotency-Key": "other"}):
        await asking.post("/api/v1/sessions", json={}, headers=headers)
    assert counting.created == 4


async def test_a_key_that_was_used_for_another_body_is_refused(counting: Counting, asking: httpx.AsyncClient) -> None:
    await asking.post("/api/v1/sessions", json={"a": 1}, headers=KEY)
    answer = await asking.post("/api/v1/sessions", json={"a": 2}, headers=KEY)
    found = answer.json()
    assert (answer.status_code, found["code"], counting.created) == (422, "key_reused", 1)
    assert found["detail"] == f"the key `{KEY['Idempotency-Key']}` was used for another request"
    assert found["hint"] == "choose a new key for each request"


async def test_while_the_first_request_is_running_a_second_one_is_refused(
    counting: Counting, asking: httpx.AsyncClient
) -> None:
    counting.may_go_on.clear()
    first = asyncio.create_task(asking.post("/api/v1/sessions", json={}, headers=KEY))
    await counting.has_begun.wait()
    second = await asking.post("/api/v1/sessions", json={}, headers=KEY)
    counting.may_go_on.set()
    assert (second.status_code, second.json()["code"], second.json()["hint"]) == (409, "key_in_use", "repeat it later")
    assert ((await first).status_code, counting.created) == (201, 1)


async def test_a_refused_request_can_be_sent_again_with_its_key(counting: Counting, asking: httpx.AsyncClient) -> None:
    for body in ({"refused": True}, {"refused": True}):
        assert (await asking.post("/api/v1/sessions", json=body, headers=KEY)).status_code == 409
    assert (await asking.post("/api/v1/sessions", json={}, headers=KEY)).status_code == 201


async def test_a_repeated_upload_may_have_another_boundary(counting: Counting, asking: httpx.AsyncClient) -> None:
    for content in (b"one", b"one", b"two"):
        answer = await asking.post("/api/v1/images", files={"file": ("a.png", content)}, headers=KEY)
        assert answer.status_code == (200 if content == b"one" else 422)
    assert counting.created == 1


async def test_a_request_that_creates_nothing_is_never_recorded(counting: Counting, asking: httpx.AsyncClient) -> None:
    for _ in range(2):
        await asking.post("/api/v1/line/check", json={}, headers=KEY)
    assert counting.created == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"], ids=["empty", "too long", "a tab"])
async def test_an_invalid_key_is_refused(asking: httpx.AsyncClient, key: str) -> None:
    answer = await asking.post("/api/v1/sessions", json={}, headers={"Idempotency-Key": key})
    found = answer.json()
    assert (answer.status_code, found["detail"], found["field"]) == (
        422, "an idempotency key has 1 to 255 characters that can be printed", "Idempotency-Key",
    )  # fmt: skip


async def test_a_request_whose_client_disconnects_within_the_body_is_not_carried_out(counting: Counting) -> None:
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        pytest.fail("nobody reads an answer")

    headers = [(b"idempotency-key", b"k"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/sessions", "query_string": b"", "headers": headers}
    await counting.app(scope, receive, send)
    assert (counting.created, messages) == (0, [])
