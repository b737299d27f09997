"""Requests that wait: their progress, how they are cancelled, and that only a few may wait."""

from __future__ import annotations

import socket
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from invocations.queueing.base import CANCELLED, RUNNING, ItemFilter
from invokeai_web.compat.generation import MOST_WAITING
from invokeai_web.server import Server
from tests.invokeai_web.compat.conftest import wait_for
from tests.invokeai_web.conftest import TOKEN

BODY = {"prompt": "a fox", "steps": 4, "width": 64, "height": 32}


def states(server: Server) -> list[str]:
    """Return the states of all items, the oldest first."""
    return [item.state for item in reversed(server.coordinator.items())]


def test_the_progress_of_each_task_can_be_asked_for(
    web: httpx.Client, held: Event, calls: ThreadPoolExecutor, compat_server: Server
) -> None:
    def ask(task: str, images: int) -> Future[httpx.Response]:
        return calls.submit(web.post, "/sdapi/v1/txt2img", json={**BODY, "force_task_id": task, "batch_size": images})

    waiting = [ask("first", 2)]
    wait_for(lambda: get(web, "first")["state"]["sampling_step"] == 1)
    waiting.append(ask("second", 1))
    wait_for(lambda: get(web, "second")["current_task"])
    first, second, every = get(web, "first"), get(web, "second"), get(web)
    held.set()
    answers = [each.result() for each in waiting]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert 0 < first["progress"] < 1
    assert (first["state"]["job"], first["state"]["sampling_steps"]) == ("first", 4)
    assert (second["progress"], second["current_task"]) == (0.0, "second")
    assert every["state"]["job_count"] == 3
    assert (get(web)["progress"], get(web, "first")["progress"], get(web, "none")["progress"]) == (0.0, 1.0, 0.0)


def test_interrupting_a_task_cancels_only_that_one(
    web: httpx.Client, held: Event, calls: ThreadPoolExecutor, compat_server: Server
) -> None:
    first, second = (
        calls.submit(web.post, "/sdapi/v1/txt2img", json={**BODY, "force_task_id": name})
        for name in ("first", "second")
    )
    wait_for(lambda: get(web, "first")["current_task"] and get(web, "second")["current_task"])
    web.post("/sdapi/v1/interrupt", params={"id_task": "first"}).raise_for_status()
    cancelled = first.result()
    held.set()
    assert (cancelled.status_code, cancelled.json()["detail"]) == (500, "the request was cancelled")
    assert second.result().status_code == 200


def test_interrupt_without_an_id_cancels_all_tasks_as_in_automatic1111(
    web: httpx.Client, held: Event, calls: ThreadPoolExecutor, compat_server: Server
) -> None:
    waiting = [calls.submit(web.post, "/sdapi/v1/txt2img", json=BODY) for _ in range(3)]
    wait_for(lambda: len(states(compat_server)) == 3)
    wait_for(lambda: get(web)["state"]["job_count"] == 3)
    web.post("/sdapi/v1/interrupt").raise_for_status()
    assert [each.result().status_code for each in waiting] == [500] * 3
    assert states(compat_server) == [CANCELLED] * 3


@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations"])
def test_a_client_that_goes_away_cancels_its_request(
    address: str, held: Event, compat_server: Server, path: str
) -> None:
    parts = urlsplit(address)
    body = b'{"prompt": "a fox"}'
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        wait_for(lambda: states(compat_server) == [RUNNING])
    wait_for(lambda: states(compat_server) == [CANCELLED])


@pytest.mark.parametrize("path", ["/sdapi/v1/txt2img", "/v1/images/generations"])
def test_a_request_is_refused_if_too_many_items_are_waiting(
    web: httpx.Client, held: Event, calls: ThreadPoolExecutor, compat_server: Server, path: str
) -> None:
    waiting = [calls.submit(web.post, path, json={"prompt": "a fox"}) for _ in range(MOST_WAITING + 2)]
    wait_for(lambda: len(states(compat_server)) == MOST_WAITING + 2)
    refused = web.post(path, json={"prompt": "a fox"})
    compat_server.coordinator.cancel_all(ItemFilter())
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert f"{MOST_WAITING + 1} items are waiting already; try again in 30 seconds" in refused.text
    assert {each.result().status_code for each in waiting} == {500}


def get(web: httpx.Client, task: str = "") -> dict[str, Any]:
    """Return the progress of a task, or of all."""
    found: dict[str, Any] = web.get("/sdapi/v1/progress", params={"id_task": task}).raise_for_status().json()
    return found
