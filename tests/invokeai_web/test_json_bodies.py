"""JSON in requests: how deep it may be, and what its strings may contain."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from invokeai_web.json_bodies import HALF_CHARACTER, MAX_DEPTH, TOO_DEEP, read_json


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("body", [b"1", b"[]", nested(MAX_DEPTH), b'{"a": [{"b": 1}]}', b'"\\ud83e\\udd8a"'])
def test_ordinary_json_is_read(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 500, 100_000], ids=["a little", "more", "far more"])
def test_deep_json_is_refused(depth: int) -> None:
    with pytest.raises(json.JSONDecodeError, match=TOO_DEEP):
        read_json(nested(depth))


@pytest.mark.parametrize("body", [b'"\\ud83e"', b'{"\\udd8a": 1}', b'["x\\uDBFFy"]'])
def test_half_of_a_surrogate_pair_is_refused(body: bytes) -> None:
    with pytest.raises(json.JSONDecodeError, match=HALF_CHARACTER):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(nested(500), TOO_DEEP), (b'{"title": "\\ud800"}', HALF_CHARACTER), (b"{", "Expecting property name")],
    ids=["deep", "half a character", "malformed"],
)
async def test_what_is_refused_is_a_problem(client: httpx.AsyncClient, body: bytes, reason: str) -> None:
    answer = await client.post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"})
    found: Any = answer.json()
    assert (answer.status_code, found["code"]) == (400, "malformed_json")
    assert found["detail"].startswith(f"the body is not valid JSON: {reason}")
