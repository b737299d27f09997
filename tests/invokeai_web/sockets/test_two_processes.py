"""Two server processes behind one proxy, with a real Redis server: events, rooms, a killed process, a killed Redis."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.invokeai_web.proxy import proxied
from tests.invokeai_web.redis_server import redis_server
from tests.invokeai_web.socket_client import SocketClient
from tests.invokeai_web.test_serve import serving, url_in


async def collected(client: SocketClient, runs: int) -> list[dict[str, Any]]:
    """Return the events that arrive until so many runs have ended."""
    found: list[dict[str, Any]] = []
    while sum(event["event"] == "session_finished" for event in found) < runs:
        found += await client.receive("events")
    return found


async def until_done(client: SocketClient, item: str) -> None:
    """Wait until the room `queue` tells that an item is done."""
    while True:
        for change in await client.receive("queue"):
            if change.get("put", {}).get("id") == item and change["put"]["state"] == "done":
                return


async def test_two_processes_share_events_rooms_and_the_queue(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, ExitStack() as stack:
        options = ("--events", redis.url, "--host-name", "127.0.0.1")
        started = [stack.enter_context(serving(tmp_path / "home", *options)) for _ in range(2)]
        token = url_in(started[0][1])[1]
        by_port = {int(urlsplit(url_in(lines)[0]).port or 0): process for process, lines in started}
        async with proxied([*by_port]) as proxy:
            headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
            base_url = f"http://127.0.0.1:{proxy.port}/api/v1"
            async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60) as client:
                session = (await client.post("/sessions", json={"title": "shared"})).json()["id"]
                first, second = [await SocketClient.open(proxy.port, token=token) for _ in range(2)]
                answers = [await each.call("subscribe", {"session": session}) for each in (first, second)]
                assert answers[0] == answers[1]

                items = []
                for number in range(4):
                    line = {"line": f"add {number} 1 | add 2"}
                    items.append((await client.post(f"/sessions/{session}/lines", json=line)).json()["item"]["id"])
                seen = [await collected(each, 4) for each in (first, second)]
                assert seen[0] == seen[1]
                assert [event["number"] for event in seen[0]] == [*range(1, len(seen[0]) + 1)]

                last = (await client.post(f"/sessions/{session}/lines", json={"line": "add 5 6"})).json()["item"]["id"]
                for each in (first, second):
                    await until_done(each, last)

                dead = proxy.ports[-1]  # the process that answered last
                by_port[dead].kill()
                by_port[dead].wait()
                await first.cut()
                after = {"session": session, "after": 3, "epoch": answers[0]["epoch"]}
                again = await SocketClient.open(proxy.port, token=token)
                missed = await again.call("subscribe", after)
                assert missed["events"][: len(seen[0]) - 3] == seen[0][3:]

                redis.kill()
                item = (await client.post(f"/sessions/{session}/lines", json={"line": "add 7 8"})).json()["item"]["id"]
                assert (await asyncio.wait_for(ended_by_proxy(client, item), 60))["state"] == "done"
                redis.start()
                while True:
                    name, data = await asyncio.wait_for(again.received.get(), 60)
                    if name == "reset":
                        break
                assert data["epoch"] != answers[0]["epoch"]
                snapshot = (await client.get(f"/sessions/{session}")).json()
                assert {line["outcome"] for line in snapshot["lines"]} == {"done"}
                for each in (second, again):
                    await each.cut()


async def ended_by_proxy(client: httpx.AsyncClient, item: str) -> Any:
    """Wait until an item has ended; the base URL of the client ends with the version of the API."""
    while True:
        found = (await client.get(f"/queue/{item}")).json()
        if found["state"] not in ("waiting", "running"):
            return found
        await asyncio.sleep(0.05)
