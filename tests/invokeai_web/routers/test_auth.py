"""A page changes the token for a cookie."""

from __future__ import annotations

import httpx
import pytest

from invokeai_web.api_app import create_app
from invokeai_web.server import Server
from tests.invokeai_web.conftest import BASE_URL, TOKEN


async def test_a_page_gets_a_cookie_that_scripts_and_other_sites_cannot_use(server: Server) -> None:
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as page:
        answer = await page.post("/api/v1/auth/cookie", json={"token": TOKEN})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["set-cookie"] == (
            f"invokeai_token_9090={server.credentials.cookie_value}; HttpOnly; Max-Age=2592000; Path=/; SameSite=strict"
        )
        assert TOKEN not in answer.headers["set-cookie"]
        assert (await page.get("/api/v1/auth/me")).json() == {"owner": "local", "by": "cookie"}
        await page.delete("/api/v1/auth/cookie")
        assert (await page.get("/api/v1/auth/me")).status_code == 401


async def test_a_program_identifies_itself_by_the_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/auth/me")).json() == {"owner": "local", "by": "token"}


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + " "], ids=["empty", "wrong", "with a space"])
async def test_a_wrong_token_gets_no_cookie(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/api/v1/auth/cookie", json={"token": token})
    assert (answer.status_code, answer.json()["detail"], "set-cookie" in answer.headers) == (
        401, "the token is wrong", False,
    )  # fmt: skip


async def test_on_https_the_cookie_is_sent_over_https_only(server: Server) -> None:
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:9090") as page:
        answer = await page.post("/api/v1/auth/cookie", json={"token": TOKEN})
        assert "Secure" in answer.headers["set-cookie"]
