"""No address answers without the token, to another host or to a page of another site, but the open ones listed here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from invokeai_web.api_app import create_api, create_app
from invokeai_web.guard.answer_headers import HEADERS
from invokeai_web.server import Server
from tests.invokeai_web.addresses import all_routes
from tests.invokeai_web.conftest import BASE_URL, TOKEN

OPEN = {"GET /", "GET /docs", "GET /problems/{code}", "GET /pages/{name}", "GET /api/v1/health",
        "POST /api/v1/auth/cookie", "DELETE /api/v1/auth/cookie"}  # fmt: skip


@pytest.fixture
async def stranger(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that sends no token."""
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


def requests(server: Server) -> list[tuple[str, str, str]]:
    """Return method, address and declared path of each route, with values for the parameters."""
    return [
        (method, re.sub(r"{[^}]*}", "x", route.path), route.path)
        for route in all_routes(create_api(server))
        for method in sorted(route.methods | ({"HEAD"} if "GET" in route.methods else set()))
    ]


async def test_only_the_open_addresses_answer_without_a_token(server: Server, stranger: httpx.AsyncClient) -> None:
    found = requests(server)
    assert len(found) >= 9
    answered = set()
    for method, address, path in found:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"invokeai_token_9090={TOKEN}"}):
            server.wrong_tokens._times.clear()
            answer = await stranger.request(method, address, headers=headers)
            if answer.status_code != 401:
                answered.add(f"{method.replace('HEAD', 'GET')} {path}")
            else:
                assert answer.headers["www-authenticate"] == 'Bearer realm="invokeai"'
    assert answered <= OPEN
    assert {each for each in OPEN if each.split()[1] in {path for _, _, path in found}} == answered


FOREIGN = {
    "another host": {"Host": "evil.example"},
    "another port": {"Host": "127.0.0.1:1"},
    "another origin": {"Origin": "https://evil.example"},
    "origin null": {"Origin": "null"},
    "another port of this machine": {"Sec-Fetch-Site": "same-site"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
async def test_no_address_answers_a_foreign_request_even_with_the_token(
    server: Server, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    paths = [*requests(server), ("GET", "/socket.io/?EIO=4&transport=polling", ""), ("OPTIONS", "/api/v1/about", "")]
    found = {f"{method} {path}": await client.request(method, path, headers=headers) for method, path, _ in paths}
    assert {address: answer.status_code for address, answer in found.items() if answer.status_code != 403} == {}
    assert not any("access-control-allow-origin" in answer.headers for answer in found.values())


async def test_every_answer_carries_the_headers_that_restrict_browsers(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    answers = [
        await client.get("/api/v1/about"),
        await client.get("/api/v1/nothing"),
        await client.post("/api/v1/auth/cookie", content=b"{", headers={"Content-Type": "application/json"}),
        await client.get("/api/v1/about", headers={"Host": "evil.example"}),
        await stranger.get("/api/v1/about"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 403, 401]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_after_ten_wrong_tokens_a_peer_gets_429_and_the_right_token_still_works(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    for number in range(5):
        assert (await stranger.get("/api/v1/about", headers={"Authorization": f"Bearer {number}"})).status_code == 401
        assert (await stranger.post("/api/v1/auth/cookie", json={"token": str(number)})).status_code == 401
    for answer in (
        await stranger.get("/api/v1/about", headers={"Authorization": "Bearer x"}),
        await stranger.post("/api/v1/auth/cookie", json={"token": "x"}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (429, "there were too many wrong tokens")
        assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await stranger.get("/api/v1/about")).status_code == 401
    assert (await client.get("/api/v1/about")).status_code == 200


async def test_a_repeated_host_or_token_is_malformed(client: httpx.AsyncClient) -> None:
    for name in ("Host", "Authorization", "Content-Length"):
        headers = [("Host", "127.0.0.1:9090"), ("Authorization", f"Bearer {TOKEN}"), (name, "x"), (name, "y")]
        answer = await client.get("/api/v1/about", headers=headers)
        assert (answer.status_code, answer.json()["detail"]) == (400, f"the header `{name.lower()}` is repeated")


async def test_a_path_is_never_taken_for_another_one(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    traversals = ["/pages/..%2f..%2fapi_app.py", "/pages/%2e%2e/server.py", "/docs/../api/v1/about", "/problems/../x",
                  "/api/v1/health/..%2fabout", "//api/v1/about", "/api/v1/health%00", "/docs%0a"]  # fmt: skip
    for path in traversals:
        expected = 400 if path.endswith(("%00", "%0a")) else 404
        assert (await stranger.get(path)).status_code in (401, expected), path
        assert (await client.get(path)).status_code in (200 if "docs/.." in path else expected, expected), path


async def test_a_socket_without_a_token_or_from_another_site_is_closed_before_it_opens(server: Server) -> None:
    app = create_app(server)
    ours, token = (b"host", b"127.0.0.1:9090"), (b"authorization", f"Bearer {TOKEN}".encode())
    for headers in ([], [ours], [(b"host", b"evil.example"), token], [ours, token, (b"origin", b"null")]):
        sent = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message["type"])  # noqa: B023 - called before the next round

        scope = {"type": "websocket", "path": "/socket.io/", "scheme": "ws", "headers": headers,
                 "server": ("127.0.0.1", 9090), "client": ("127.0.0.1", 1), "query_string": b""}  # fmt: skip
        await app(scope, receive, send)  # type: ignore[arg-type]
        assert sent == ["websocket.close"]


def test_every_route_of_the_api_names_its_operation_and_declares_its_problems(server: Server) -> None:
    for route in all_routes(create_api(server)):
        if route.path.startswith("/api/v1/"):
            assert route.unique_id == route.name
            assert {401, 403, 422, 429} <= set(route.responses), route.path
