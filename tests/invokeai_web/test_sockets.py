"""Socket.IO over a real connection: subscriptions, replay, credit, previews, acknowledgements, limits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from typing import Any

import pytest

from invocations.errors import SessionMissing
from invokeai_web.delivery.credit import MAX_UNSEEN_EVENTS
from invokeai_web.delivery.viewer import MAX_SESSIONS, REQUESTS
from invokeai_web.events.base import Preview
from invokeai_web.events.local import LocalBus
from invokeai_web.sockets import Sockets
from tests.invokeai_web.events.material import SESSION, lines
from tests.invokeai_web.served import served
from tests.invokeai_web.socket_client import Refused, SocketClient, connected

TOKEN = "the token"


class Live:
    """Sockets on a bus, served on a port."""

    def __init__(self) -> None:
        self.bus = LocalBus()
        self.cancelled: list[str] = []
        self.port = 0
        self.sockets = Sockets(
            self.bus, may_connect=self.may_connect, check_session=self.check, cancel=self.cancelled.append
        )

    def may_connect(self, environ: Mapping[str, Any], auth: Any) -> bool:
        return environ.get("HTTP_AUTHORIZATION") == f"Bearer {TOKEN}" or auth == {"token": TOKEN}

    def check(self, session: str) -> None:
        if session.startswith("missing"):
            raise SessionMissing(session, f"there is no session `{session}`", "`session list` shows all")
        if session == "broken":
            raise RuntimeError("a bug")

    def client(self, **how: Any) -> Any:
        return connected(self.port, **{"token": TOKEN, **how})

    def say(self, *messages: str, session: str = SESSION) -> None:
        self.bus.publish(session, lines(*messages))

    def show(self, step: int, session: str = SESSION) -> None:
        self.bus.publish(session, [], Preview(session, "n", (), 0, step, 20, 8, 4, b"webp%d" % step))


class Switch:
    """An ASGI application that passes everything to another one, so that all tests share a server."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def switch() -> Iterator[tuple[Switch, int]]:
    made = Switch()
    with served(made) as port:
        yield made, port


@pytest.fixture
def live(switch: tuple[Switch, int]) -> Live:
    made = Live()
    switch[0].app, made.port = made.sockets.app(None), switch[1]
    return made


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def texts(events: list[Mapping[str, Any]]) -> list[str]:
    return [event["message"] for event in events]


async def messages(client: SocketClient, count: int) -> list[str]:
    """Return the next messages, which may arrive in several batches."""
    found: list[str] = []
    while len(found) < count:
        found += texts(await client.receive("events"))
    return found


def test_a_subscription_begins_with_what_was_missed_and_goes_on(live: Live) -> None:
    async def watch() -> None:
        live.say("a", "b", "c")
        async with live.client() as client:
            answer = await client.call("subscribe", {"session": SESSION, "after": 1})
            assert (answer["epoch"], answer["last"]) == (live.bus.epoch, 3)
            assert [(event["number"], event["message"]) for event in answer["events"]] == [(2, "b"), (3, "c")]
            live.say("d")
            live.say("e", session="other")
            live.say("f")
            assert await messages(client, 2) == ["d", "f"]

    run(watch())


def test_another_epoch_is_answered_with_a_reset_and_goes_on_from_there(live: Live) -> None:
    async def watch() -> None:
        live.say("a")
        async with live.client() as client:
            answer = await client.call("subscribe", {"session": SESSION, "after": 1, "epoch": "of a dead server"})
            assert answer == {"reset": True, "epoch": live.bus.epoch, "last": 1}
            live.say("b")
            assert await messages(client, 1) == ["b"]

    run(watch())


def test_after_unsubscribing_nothing_arrives(live: Live) -> None:
    async def watch() -> None:
        async with live.client() as client:
            await client.call("subscribe", {"session": SESSION})
            assert await client.call("unsubscribe", {"session": SESSION}) == {}
            live.say("unheard")
            await client.call("subscribe", {"session": "other"})
            live.say("heard", session="other")
            assert await messages(client, 1) == ["heard"]

    run(watch())


def test_a_client_receives_no_more_than_its_credit_and_the_rest_when_it_has_seen_that(live: Live) -> None:
    many = [str(number) for number in range(MAX_UNSEEN_EVENTS + 300)]

    async def watch() -> None:
        async with live.client() as client, live.client() as other:
            await client.call("subscribe", {"session": SESSION})
            await other.call("subscribe", {"session": SESSION})
            for start in range(0, len(many), 100):
                live.say(*many[start : start + 100])
            assert await messages(client, MAX_UNSEEN_EVENTS) == many[:MAX_UNSEEN_EVENTS]
            await client.call("unsubscribe", {"session": "nothing"})
            assert client.received.empty()
            assert await client.call("seen", {"session": SESSION, "number": MAX_UNSEEN_EVENTS}) == {}
            assert await messages(client, 300) == many[MAX_UNSEEN_EVENTS:]
            await client.call("seen", {"session": SESSION, "number": len(many)})
            live.say("live again")
            assert await messages(client, 1) == ["live again"]

    run(watch())


def test_what_was_missed_is_acknowledged_only_as_far_as_the_credit_reaches(live: Live) -> None:
    many = [str(number) for number in range(MAX_UNSEEN_EVENTS + 10)]

    async def watch() -> None:
        live.say(*many)
        async with live.client() as client:
            answer = await client.call("subscribe", {"session": SESSION})
            assert (len(answer["events"]), answer["last"]) == (MAX_UNSEEN_EVENTS, len(many))
            again = await client.call("subscribe", {"session": SESSION})
            assert again["events"] == []
            await client.call("seen", {"session": SESSION, "number": MAX_UNSEEN_EVENTS})
            assert await messages(client, MAX_UNSEEN_EVENTS) == many[:MAX_UNSEEN_EVENTS]

    run(watch())


def test_large_events_use_up_the_credit_sooner(live: Live) -> None:
    async def watch() -> None:
        async with live.client() as client:
            await client.call("subscribe", {"session": SESSION})
            for _ in range(5):
                live.say("x" * 400_000)
            assert len(await messages(client, 3)) == 3
            await client.call("unsubscribe", {"session": "nothing"})
            assert client.received.empty()

    run(watch())


def test_a_client_that_fell_behind_what_is_kept_is_reset(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    async def watch() -> None:
        async with live.client() as client:
            await client.call("subscribe", {"session": SESSION})
            for _ in range(3):
                live.say("x" * 400_000)
            assert len(await messages(client, 3)) == 3
            for _ in range(20):
                live.say("x" * 400_000)
            await client.call("seen", {"session": SESSION, "number": 3})
            assert await client.receive() == {"session": SESSION, "epoch": live.bus.epoch, "last": 23}
            live.say("goes on")
            assert await messages(client, 1) == ["goes on"]

    run(watch())


def test_one_preview_is_on_its_way_and_then_only_the_latest(live: Live) -> None:
    async def watch() -> None:
        async with live.client() as client:
            client.acknowledges_previews = False
            await client.call("subscribe", {"session": SESSION, "previews": True})
            for step in range(1, 9):
                live.show(step)
            about, data = await client.receive("preview")
            assert data == b"webp1"
            assert about == {
                "session": SESSION, "node": "n", "path": [], "number": 0, "step": 1, "of": 20, "width": 8, "height": 4,
            }  # fmt: skip
            await client.call("unsubscribe", {"session": "nothing"})
            assert client.received.empty()
            client.acknowledge("1")
            assert (await client.receive("preview"))[1] == b"webp8"

    run(watch())


def test_previews_are_wanted_only_while_a_client_watches_them(live: Live) -> None:
    async def watch() -> list[bool]:
        wanted = []
        async with live.client() as client, live.client() as other:
            await other.call("subscribe", {"session": SESSION})
            for previews in (True, True, False, True):
                await client.call("subscribe", {"session": SESSION, "previews": previews})
                wanted.append(live.bus.wants_previews(SESSION))
            await client.call("unsubscribe", {"session": SESSION})
            wanted.append(live.bus.wants_previews(SESSION))
            live.show(1)
            live.say("no preview before this")
            assert await messages(other, 1) == ["no preview before this"]
        return wanted

    assert run(watch()) == [True, True, False, True, False]


def test_a_client_that_leaves_wants_no_previews(live: Live) -> None:
    async def watch() -> None:
        async with live.client() as client:
            await client.call("subscribe", {"session": SESSION, "previews": True})
        while live.bus.wants_previews(SESSION) or len(live.sockets.delivery):
            await asyncio.sleep(0.01)

    run(asyncio.wait_for(watch(), 30))


def test_changes_reach_every_client_in_order(live: Live) -> None:
    async def watch() -> None:
        async with live.client() as client, live.client() as other:
            for number in range(20):
                live.sockets.announce("queue", [{"put": number}])
            for each in (client, other):
                assert [(await each.receive("queue"))[0]["put"] for _ in range(20)] == list(range(20))

    run(watch())


def test_nobody_is_there_to_hear_a_change_without_clients() -> None:
    Live().sockets.announce("queue", [{"put": 1}])


def test_cancel_cancels_an_item(live: Live) -> None:
    async def cancel() -> None:
        async with live.client() as client:
            assert await client.call("cancel", {"item": "q1"}) == {}

    run(cancel())
    assert live.cancelled == ["q1"]


@pytest.mark.parametrize("auth", [None, {}, {"token": "wrong"}, "text", ["list"]])
def test_a_client_without_the_token_is_refused(live: Live, auth: Any) -> None:
    with pytest.raises(Refused) as refused:
        run(SocketClient.open(live.port, token="wrong", auth=auth))
    [answer] = refused.value.args
    assert answer["message"] == "the token is missing or wrong"
    assert (answer["data"]["code"], answer["data"]["status"]) == ("unauthorized", 401)


def test_the_token_may_come_as_auth(live: Live) -> None:
    async def watch() -> None:
        async with live.client(token="", auth={"token": TOKEN}) as client:
            assert "events" in await client.call("subscribe", {"session": SESSION})

    run(watch())


def test_a_client_of_another_origin_is_refused(live: Live) -> None:
    with pytest.raises(Refused):
        run(SocketClient.open(live.port, token=TOKEN, headers={"Origin": "http://evil.example"}))


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
