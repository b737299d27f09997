"""Messages of clients over a real connection: each is acknowledged, whatever it contains, and there are limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from invokeai_web.delivery.viewer import MAX_SESSIONS, REQUESTS
from tests.invokeai_web.events.material import SESSION
from tests.invokeai_web.live_sockets import TOKEN, Live, messages, run
from tests.invokeai_web.socket_client import Refused, SocketClient

WRONG: tuple[tuple[str, tuple[Any, ...], int, str, str], ...] = (
    ("subscribe", (), 422, "invalid_request", "the message: `session`: Field required"),
    ("subscribe", ("s1",), 422, "invalid_request", "the message must be an object"),
    ("subscribe", ({"session": 1},), 422, "invalid_request", "the message: `session`: Input should be a valid string"),
    ("subscribe", ({"session": ""},), 422, "invalid_request",
     "the message: `session`: String should have at least 1 character"),
    ("subscribe", ({"session": "s", "after": -1},), 422, "invalid_request",
     "the message: `after`: Input should be greater than or equal to 0"),
    ("subscribe", ({"session": "s", "more": 1},), 422, "invalid_request",
     "the message: `more`: Extra inputs are not permitted"),
    ("subscribe", ({"session": "missing"},), 404, "session_missing", "there is no session `missing`"),
    ("subscribe", ({"session": "broken"},), 500, "internal_error", "the server failed to answer the request"),
    ("unsubscribe", ([],), 422, "invalid_request", "the message must be an object"),
    ("seen", ({"session": "s", "number": "1"},), 422, "invalid_request",
     "the message: `number`: Input should be a valid integer"),
    ("cancel", ({},), 422, "invalid_request", "the message: `item`: Field required"),
    ("dance", (1, 2), 404, "unknown_event", "there is no event `dance`"),
    ("disconnect", ("x",), 404, "unknown_event", "there is no event `malformed packet`"),
    ("connect", ({}, {}), 404, "unknown_event", "there is no event `malformed packet`"),
)  # fmt: skip


@pytest.mark.parametrize(("event", "data", "status", "code", "message"), WRONG)
def test_every_wrong_message_is_acknowledged_with_a_problem(
    live: Live, event: str, data: tuple[Any, ...], status: int, code: str, message: str
) -> None:
    async def send() -> Any:
        async with live.client() as client:
            return (await client.call(event, *data))["problem"]

    problem = run(send())
    assert (problem["status"], problem["code"], problem["detail"]) == (status, code, message)


HOSTILE = ("", "x", "4", "42", '42"text"', "42{}", "42[]", "42[1]", "429999999999999999999999[]", "4[[[", "43", "439{}",
           "44", "451-[\"subscribe\",{\"_placeholder\":true,\"num\":0}]", "459999999999-[]", "49", "40/other,", "41",
           "42[" + "[" * 50_000, "6", "4" + "\ud7ff" * 10, b"", b"2[]", b"\x00\xff")  # fmt: skip


def test_malformed_packets_harm_nobody(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    async def attack() -> None:
        async with live.client() as victim:
            await victim.call("subscribe", {"session": SESSION})
            for packet in HOSTILE:
                async with live.client() as client:
                    client.send_raw(packet)
                    client.send_text('2["subscribe",{"session":"s1"}]')
            live.say("still there")
            assert await messages(victim, 1) == ["still there"]

    run(attack())
    assert caplog.text == ""


def test_a_message_that_is_too_large_ends_the_connection(live: Live) -> None:
    async def send() -> None:
        client = await SocketClient.open(live.port, token=TOKEN)
        client.send_text(f'2["subscribe",{{"session":"{"x" * 100_000}"}}]')
        await asyncio.wait_for(client._reading or asyncio.sleep(0), 30)
        await client.cut()

    run(send())


def test_a_socket_watches_a_limited_number_of_sessions(live: Live) -> None:
    async def watch() -> Any:
        async with live.client() as client:
            for number in range(MAX_SESSIONS):
                assert "events" in await client.call("subscribe", {"session": f"s{number}"})
            assert "events" in await client.call("subscribe", {"session": "s3"})
            return (await client.call("subscribe", {"session": "one more"}))["problem"]

    problem = run(watch())
    assert problem["detail"] == "a connection can subscribe to 16 sessions"
    assert problem["hint"] == "unsubscribe from another session first"


def test_requests_of_a_socket_have_a_rate(live: Live) -> None:
    async def hurry() -> list[Any]:
        async with live.client() as client:
            calls = [client.call("cancel", {"item": "q"}) for _ in range(4 * REQUESTS)]
            return [answer["problem"]["code"] for answer in await asyncio.gather(*calls) if answer]

    refused = run(hurry())
    assert {*refused} == {"too_many_requests"}
    assert len(live.cancelled) >= REQUESTS


def test_the_number_of_sockets_is_limited(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invokeai_web.sockets.MAX_SOCKETS", 2)

    async def crowd() -> None:
        async with live.client(), live.client():
            await SocketClient.open(live.port, token=TOKEN)

    with pytest.raises(Refused, match="the server has 2 connections already"):
        run(crowd())
