"""A sample of the hostile graphs that `make attack` sends."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from invokeai_web.server import Server
from tests.attacks.hostile_graphs import attack, files_of
from tests.invokeai_web.conftest import TOKEN

pytestmark = pytest.mark.anyio


async def test_hostile_graphs_nodes_and_sessions_are_refused_without_a_failure_or_a_path(
    server: Server, isolated_home: Path, tmp_path: Path
) -> None:
    statuses, _ = await attack(server, TOKEN, 60, 7, [str(tmp_path), str(isolated_home), os.getcwd()])
    assert sum(statuses.values()) == 60
    assert sum(count for status, count in statuses.items() if status >= 400) >= 30
    assert {path for path in files_of(tmp_path) if isolated_home not in path.parents} == set()


async def test_an_integer_beyond_the_largest_float_is_refused(client: httpx.AsyncClient) -> None:
    node = {"id": "1", "type": "add", "inputs": {"a": 10**400, "b": 1}}
    answer = await client.post("/api/v1/sessions", json={"graph": {"nodes": {"1": node}}})
    assert answer.status_code == 422, answer.text
