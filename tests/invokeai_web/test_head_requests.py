"""HEAD is answered like GET, without the body."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from fastapi.responses import StreamingResponse

from invokeai_web.api_app import create_api
from invokeai_web.head_requests import HeadRequests
from invokeai_web.server import Server
from tests.invokeai_web.conftest import BASE_URL


async def test_head_has_the_status_and_the_headers_of_get_and_no_body(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/health", "/api/v1/nothing"):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, dict(head.headers), head.content) == (got.status_code, dict(got.headers), b"")


async def test_head_of_an_endless_stream_ends(server: Server) -> None:
    app, parts = create_api(server), [0]

    async def endless() -> AsyncIterator[bytes]:
        while True:
            parts[0] += 1
            yield b"x"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(endless())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(HeadRequests(app)), base_url=BASE_URL) as client:
        answer = await client.head("/stream")
    assert (answer.status_code, answer.content, parts[0] < 100) == (200, b"", True)
