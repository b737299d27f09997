"""A server runs what waits in the queue, publishes the events, and puts back what it cannot finish."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from invocations.queueing.base import DONE, RUNNING, WAITING
from invokeai_web.events.base import Batch
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_web.conftest import TOKEN

DEADLINE_S = 60
POLLING = "/socket.io/?EIO=4&transport=polling"


def until(holds: Callable[[], Any]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def enqueued(server: Server, line: str) -> Any:
    """Return the item of a line in a new session."""
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        plan = workspace.plan(line)
        return server.coordinator.enqueue_line(session, lambda item: workspace.add(plan, item=item))


def test_a_line_in_the_queue_runs_and_its_events_are_on_the_bus(server: Server) -> None:
    item = enqueued(server, "add 1 2")
    until(lambda: server.coordinator.item(item.id).state == DONE)
    server.publisher.flush()
    found = server.bus.read(item.session, 0)
    assert isinstance(found, Batch)
    events = [json.loads(event.text) for event in found.events]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert [event["event"] for event in events][-2:] == ["node_finished", "session_finished"]


def test_a_server_that_starts_paused_runs_nothing(isolated_home: Path, tmp_path: Path) -> None:
    server = Server.open(ServeOptions(in_process=True, queue="paused"), folder=tmp_path, token=TOKEN)
    item = enqueued(server, "add 1 2")
    assert server.coordinator.slots()[0].state == "idle"
    assert server.coordinator.item(item.id).state == WAITING
    server.close()


SLOW = "t2i a fox --width 64 --height 64 --steps 12 --seed 1..40"


def test_at_the_end_a_running_item_is_stopped_and_runs_first_at_the_next_start(
    isolated_home: Path, tmp_path: Path, scripted: None
) -> None:
    first = Server.open(ServeOptions(in_process=True), folder=tmp_path, token=TOKEN)
    item = enqueued(first, SLOW)
    until(lambda: first.coordinator.item(item.id).state != WAITING)
    first.stop(0, lambda: True)
    state = first.coordinator.item(item.id).state
    first.close()
    assert state in (WAITING, DONE)
    second = Server.open(ServeOptions(in_process=True), folder=tmp_path, token=TOKEN)
    until(lambda: second.coordinator.item(item.id).state not in (WAITING, RUNNING))
    assert second.coordinator.item(item.id).state == DONE
    second.close()


async def test_socket_io_answers_only_with_the_token(server: Server, client: httpx.AsyncClient) -> None:
    answer = await client.get(POLLING)
    assert (answer.status_code, answer.text[:7]) == (200, '0{"sid"')
    refused = await client.get(POLLING, headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")


def test_a_server_can_be_stopped_twice(isolated_home: Path, tmp_path: Path) -> None:
    server = Server.open(ServeOptions(in_process=True), folder=tmp_path, token=TOKEN)
    server.stop(0)
    server.stop(0)
    server.close()
