"""The routes about the server itself."""

from __future__ import annotations

import httpx

from invocations.versions import versions
from invokeai_web.server import Server


async def test_health_answers_ok(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_about_lists_the_versions_and_what_the_server_offers(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/about")).json()
    assert found["versions"] == dict(versions())
    assert {key: found[key] for key in ("name", "api", "device", "compat", "events")} == {
        "name": "invokeai-cli", "api": "v1", "device": "auto", "compat": [], "events": "local",
    }  # fmt: skip


async def test_stats_count_nodes_and_sessions_in_use(client: httpx.AsyncClient, server: Server) -> None:
    session = server.invoker.create().id
    with server.workspace_of(session):
        found = (await client.get("/api/v1/stats")).json()
    assert (found["nodes"], found["workspaces"]) == (len(server.catalog), 1)
    assert found["seconds"] >= 0
