"""Hostile bodies for the routes of sessions: deep and odd JSON is refused, and never breaks the server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.invokeai_web.running import made

ROUTES = ("/sessions", "/sessions/import", "/sessions/{id}/graph", "/sessions/{id}/nodes", "/sessions/{id}/lines",
          "/sessions/{id}/invocations")  # fmt: skip


def deep(depth: int) -> Any:
    """Return a list in a list and so on, as JSON text."""
    return "[" * depth + "]" * depth


BODIES = {
    "deep graph": lambda depth: f'{{"graph": {deep(depth)}, "node": {deep(depth)}, "nodes": {deep(depth)}}}',
    "deep input": lambda depth: (
        '{"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": %s}}}, '
        '"node": {"id": "a", "type": "add", "inputs": {"a": %s}}, '
        '"graph": {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": %s}}}}}' % ((deep(depth),) * 3)
    ),
    "deep document": lambda depth: (
        f'{{"schema": "session-export/1", "graph": {{"nodes": {deep(depth)}}}, "lines": {deep(depth)}}}'
    ),
}


@pytest.mark.parametrize("body", [*BODIES])
@pytest.mark.parametrize("route", ROUTES)
async def test_deep_json_is_refused(
    client: httpx.AsyncClient, route: str, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = await made(client, "add 1 2")
    for depth in (100, 320, 480, 900, 50_000):
        answer = await client.post(
            f"/api/v1{route.format(id=id_)}", content=BODIES[body](depth), headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (depth, answer.text[:300])
    assert caplog.text == ""


ODD: tuple[Any, ...] = (
    None, 1, "x", [], [[]], {}, {"nodes": None}, {"nodes": []}, {"nodes": {"a": None}}, {"nodes": {"a": {}}},
    {"nodes": {"a": {"id": "b", "type": "add"}}}, {"nodes": {"a": {"id": "a", "type": "add", "inputs": None}}},
    {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": {"kind": "image"}}}}},
    {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": {"kind": "image", "name": 5}}}}},
    {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": "9" * 5_000, "b": 1}}}},
    {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"a": 1e400, "b": 1}}}},
    {"nodes": {"\ud800": {"id": "\ud800", "type": "add", "inputs": {"a": 1, "b": 1}}}},
    {"nodes": {}, "edges": [None]}, {"nodes": {}, "edges": [{"source": "a"}]}, {"nodes": {}, "edges": 5},
    {"nodes": {"a": {"id": "a", "type": "add", "inputs": {"b": 1}}},
     "edges": [{"source": "a", "output": "value", "target": "a", "input": "a"}]},
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
async def test_odd_graphs_break_nothing(
    client: httpx.AsyncClient, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = await made(client, "add 1 2")
    graph = ODD[number]
    bodies = {"graph": graph, "sessions": {"graph": graph}, "import": {"schema": "session-export/1", "graph": graph}}
    for name, body in bodies.items():
        path = {"graph": f"/sessions/{id_}/graph", "sessions": "/sessions", "import": "/sessions/import"}[name]
        content = json.dumps(body).replace("Infinity", "1e400")
        answer = await client.post(f"/api/v1{path}", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (name, answer.text[:300])
    read = await client.get(f"/api/v1/sessions/{id_}")
    assert read.status_code == 200
    assert caplog.text == ""
