"""Runs watched over Socket.IO on a whole server: cut connections, restarts, clients that do not read, many clients."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import socketio
from PIL import Image

from invocations.services.generation.base import DenoiseRequest, StepCallbacks
from invocations.values import LatentsRef
from invokeai_web.api_app import create_app
from invokeai_web.delivery.credit import MAX_UNSEEN_EVENTS
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_cli.scripted import ScriptedGeneration
from tests.invokeai_web.conftest import TOKEN
from tests.invokeai_web.live_sockets import Live, messages
from tests.invokeai_web.running import SLOW, ended, slow_session
from tests.invokeai_web.served import served
from tests.invokeai_web.socket_client import SocketClient, connected

LINE = "t2i fox --width 64 --height 64 --seed 1,2 --steps 2 | blur 2"
RECIPE = """
type = "half"
title = "Half"
summary = "Half: make an image half as large."
category = "geometry"
version = "1.0.0"
tags = ["size"]
examples = ["t2i a fox | half"]
pipeline = "scale 0.5"
"""
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    """Yield the port of a whole server."""
    with served(create_app(server)) as port:
        yield port


def http(port: int) -> httpx.AsyncClient:
    """Return an HTTP client of a server."""
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=BEARER, timeout=60)


async def test_a_client_that_is_cut_off_at_every_event_has_seen_each_once(port: int, server: Server) -> None:
    async with http(port) as client:
        await client.put("/api/v1/queue/state", json={"paused": True})
        created = (await client.post("/api/v1/sessions", json={"line": LINE, "run": True})).json()
        session, epoch, seen = created["id"], "", []
        await client.put("/api/v1/queue/state", json={"paused": False})
        while not seen or seen[-1]["event"] != "session_finished":
            async with connected(port, token=TOKEN) as watcher:
                after = seen[-1]["number"] if seen else 0
                answer = await watcher.call("subscribe", {"session": session, "after": after, "epoch": epoch})
                epoch = answer["epoch"]
                found = answer["events"] or await watcher.receive("events")
                seen.append(found[0])
        everything = (await client.get(f"/api/v1/sessions/{session}/events")).json()["events"]
        snapshot = (await client.get(f"/api/v1/sessions/{session}")).json()
    numbers = [event["number"] for event in seen]
    assert numbers == sorted({*numbers})
    kept = {event["number"] for event in everything}
    assert kept <= {*numbers}, "only progress that was replaced later is not kept"
    finished = [(event["node_id"], event["path"]) for event in seen if event["event"] == "node_finished"]
    assert sorted(finished) == sorted((row["node"], row["path"]) for row in snapshot["results"])


async def test_after_a_restart_a_client_is_reset_and_the_snapshot_has_every_result(
    isolated_home: Path, tmp_path: Path, scripted: None
) -> None:
    options = ServeOptions(in_process=True, requests_per_second=0)
    first = Server.open(options, folder=tmp_path, token=TOKEN)
    with served(create_app(first)) as port:
        async with http(port) as client, connected(port, token=TOKEN) as watcher:
            created = (await client.post("/api/v1/sessions", json={"line": LINE, "run": True})).json()
            answer = await watcher.call("subscribe", {"session": created["id"]})
            await ended(client, created["item"]["id"])
    first.close()
    second = Server.open(options, folder=tmp_path, token=TOKEN)
    with served(create_app(second)) as port:
        async with http(port) as client, connected(port, token=TOKEN) as watcher:
            asked = {"session": created["id"], "after": 3, "epoch": answer["epoch"]}
            again = await watcher.call("subscribe", asked)
            snapshot = (await client.get(f"/api/v1/sessions/{created['id']}")).json()
    second.close()
    assert again == {"reset": True, "epoch": snapshot["epoch"], "last": snapshot["last"]}
    assert snapshot["epoch"] != answer["epoch"]
    assert {line["outcome"] for line in snapshot["lines"]} == {"done"}
    assert len(snapshot["results"]) == len({(row["node"], *row["path"]) for row in snapshot["results"]}) > 6


async def test_the_snapshot_says_which_node_is_at_work_and_how_far_it_is(port: int, server: Server) -> None:
    async with http(port) as client, slow_session(client, server) as (session, _):
        found = (await client.get(f"/api/v1/sessions/{session}")).json()["state"]["at_work"]
        while not found or found[0]["step"] != 2:
            found = (await client.get(f"/api/v1/sessions/{session}")).json()["state"]["at_work"]
    assert [(each["of"], each["path"]) for each in found] == [(3, [])]


async def test_a_run_is_cancelled_and_the_queue_is_told_over_a_socket(port: int, server: Server) -> None:
    async with http(port) as client, connected(port, token=TOKEN) as watcher:
        async with slow_session(client, server) as (session, item):
            await watcher.call("subscribe", {"session": session})
            assert await watcher.call("cancel", {"item": item}) == {}
            states: list[str] = []
            while "cancelled" not in states:
                states += [each["put"]["state"] for each in await watcher.receive("queue")]
            assert states[-1] == "cancelled"
        problem = (await watcher.call("cancel", {"item": "nothing"}))["problem"]
        assert (problem["status"], problem["code"]) == (404, "item_missing")
        problem = (await watcher.call("subscribe", {"session": "nothing"}))["problem"]
        assert (problem["status"], problem["code"]) == (404, "session_missing")


async def test_a_watched_run_sends_previews_and_an_unwatched_one_makes_none(port: int, server: Server) -> None:
    made = []

    def denoise(service: ScriptedGeneration, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        wanted = watch.previews is not None and watch.previews()
        made.append(wanted)
        watch.on_step(1, request.steps, Image.new("RGB", (320, 160)) if wanted else None)
        return LatentsRef(f"{7:064}", request.noise.width, request.noise.height, request.noise.seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptedGeneration, "denoise", denoise)
        async with http(port) as client, connected(port, token=TOKEN) as watcher:
            created = (await client.post("/api/v1/sessions", json={"line": SLOW})).json()
            for previews, line in ((False, 1), (True, 2)):
                await watcher.call("subscribe", {"session": created["id"], "previews": previews})
                body = {"line": f"t2i owl --width 64 --height 64 --seed {line} --steps 3"}
                item = (await client.post(f"/api/v1/sessions/{created['id']}/lines", json=body)).json()["item"]
                assert (await ended(client, item["id"]))["state"] == "done"
            about, data = await watcher.receive("preview")
    assert made == [False, True]
    assert (about["session"], about["width"], about["height"], data[8:12]) == (created["id"], 256, 128, b"WEBP")


async def test_clients_are_told_of_new_images_models_and_nodes(port: int, server: Server) -> None:
    async with http(port) as client, connected(port, token=TOKEN) as watcher:
        created = (await client.post("/api/v1/sessions", json={"line": SLOW, "run": True})).json()
        assert await watcher.receive("gallery") == [{"changed": {"session": created["id"]}}]
        await client.post("/api/v1/models/rescan")
        assert await watcher.receive("models") == [{"changed": True}]
        etag = (await client.get("/api/v1/nodes")).headers["etag"]
        nodes = Path(server.workspace.settings.folders.nodes)
        nodes.mkdir(parents=True, exist_ok=True)
        (nodes / "half.toml").write_text(RECIPE, "utf-8")
        assert (await client.get("/api/v1/nodes")).headers["etag"] != etag
        assert (await client.get("/api/v1/nodes/half")).status_code == 200
        [change] = await watcher.receive("system")
        assert change["nodes_changed"]


async def test_no_event_and_no_answer_contains_a_path_of_this_machine(
    port: int, server: Server, isolated_home: Path, tmp_path: Path
) -> None:
    told = []
    async with http(port) as client, connected(port, token=TOKEN) as watcher:
        session = (await client.post("/api/v1/sessions", json={})).json()["id"]
        await watcher.call("subscribe", {"session": session, "previews": True})
        for line in (SLOW, "t2i fox --seed 2 --width 64 --height 64 | save fox", "div 1 0", f"load {tmp_path}/x.png"):
            added = await client.post(f"/api/v1/sessions/{session}/lines", json={"line": line})
            told.append(added.text)
            if added.status_code == 201:
                await ended(client, added.json()["item"]["id"])
        for part in ("", "/export", "/lines", "/results", "/script", "/events"):
            told.append((await client.get(f"/api/v1/sessions/{session}{part}")).text)
        for path in ("/queue", "/workers", "/sessions"):
            told.append((await client.get(f"/api/v1{path}")).text)
        while not watcher.received.empty():
            told.append(str(watcher.received.get_nowait()))
    private = {str(isolated_home), str(tmp_path), str(Path(__file__).parents[3]), str(Path.home())}
    found = [(path, text) for text in told for path in private if path in text]
    assert [each for each in found if f"load {tmp_path}" not in each[1]] == []


async def test_without_the_token_no_socket_opens(port: int) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {**BEARER, "Origin": "http://evil.example"}):
        with pytest.raises(Exception, match=r"40[13]|closed|token|origin|"):
            await SocketClient.open(port, headers=headers)
    async with http(port) as client:
        for headers in ({"Authorization": ""}, {"Origin": "null"}, {"Host": "evil.example"}):
            answer = await client.get("/socket.io/?EIO=4&transport=polling", headers=headers)
            assert answer.status_code in (401, 403)


def test_the_library_s_own_client_receives_events_and_acknowledgements(live: Live) -> None:
    received: queue.Queue[Any] = queue.Queue()
    live.sockets.io.eio.ping_interval = 0.5  # a request that waits ends with the next ping
    with requests.Session() as http_session:
        http_session.headers["Authorization"] = "Bearer the token"  # the library sends `headers` only once
        client = socketio.Client(http_session=http_session)
        client.on("events", received.put)
        client.connect(f"http://127.0.0.1:{live.port}", transports=["polling"])
        try:
            answer = client.call("subscribe", {"session": "s1", "previews": False})
            assert answer == {"epoch": live.bus.epoch, "last": 0, "events": []}
            live.say("a", "b")
            assert [event["message"] for event in received.get(timeout=30)] == ["a", "b"]
            assert client.call("seen", {"session": "s1", "number": 2}) == {}
            assert client.call("dance")["problem"]["code"] == "unknown_event"
        finally:
            client.disconnect()


async def test_a_client_that_does_not_read_costs_little_memory_and_slows_nobody_down(live: Live) -> None:
    async with live.client() as sleeper, live.client() as reader:
        for client in (sleeper, reader):
            await client.call("subscribe", {"session": "s1"})
        sleeper.stop_reading()
        for start in range(0, 20_000, 250):
            live.say(*map(str, range(start, start + 250)))
            assert (await messages(reader, 250))[-1] == str(start + 249)
            await reader.call("seen", {"session": "s1", "number": start + 250})
        watch = live.sockets.delivery.viewer(sleeper.sid).watches["s1"]
        assert (watch.sent, len(watch.credit), watch.is_live) == (MAX_UNSEEN_EVENTS, MAX_UNSEEN_EVENTS, False)


async def test_two_hundred_sockets_are_served_and_one_more_is_refused(live: Live) -> None:
    clients = []
    try:
        for _ in range(20):
            clients += await asyncio.gather(*[SocketClient.open(live.port, token="the token") for _ in range(10)])
        await asyncio.gather(*[client.call("subscribe", {"session": "s1"}) for client in clients])
        live.say("to all")
        assert {(await messages(client, 1))[0] for client in clients} == {"to all"}
        with pytest.raises(Exception, match="the server has 200 connections already"):
            await SocketClient.open(live.port, token="the token")
    finally:
        for client in clients:
            await client.cut()
