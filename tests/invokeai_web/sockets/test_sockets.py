"""Socket.IO over a real connection: subscriptions, replay, credit, previews, changes, and who may connect."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from invokeai_web.delivery.credit import MAX_UNSEEN_EVENTS
from tests.invokeai_web.events.material import SESSION
from tests.invokeai_web.live_sockets import TOKEN, Live, messages, run
from tests.invokeai_web.socket_client import Refused, SocketClient


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


def test_a_client_of_another_origin_is_refused(live: Live) -> None:
    with pytest.raises(Refused):
        run(SocketClient.open(live.port, token=TOKEN, headers={"Origin": "http://evil.example"}))


def test_connections_that_never_become_sockets_are_limited_too(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invokeai_web.sockets.MAX_SOCKETS", 0)
    monkeypatch.setattr("invokeai_web.sockets.MOST_CONNECTING", 2)
    address = f"http://127.0.0.1:{live.port}/socket.io/?EIO=4&transport=polling"
    answers = [httpx.get(address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert answers[-1].json()["code"] == "too_many_sockets"
    assert httpx.get(f"{address}&sid=unknown").status_code == 400, "those that are open go on"
    with pytest.raises(Refused):
        run(SocketClient.open(live.port, token=TOKEN))
