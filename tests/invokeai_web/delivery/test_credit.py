"""How much a client may receive beyond what it has seen, and how a socket catches up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from invokeai_web.delivery.credit import MAX_UNSEEN_BYTES, MAX_UNSEEN_EVENTS, Credit
from invokeai_web.delivery.watch import SessionWatch
from invokeai_web.events.base import Batch, Found, Numbered, Reset
from invokeai_web.events.local import LocalBus
from invokeai_web.events.public_event import PublicEvent
from tests.invokeai_web.events.material import SESSION, lines


def events(*sizes: int, first: int = 1) -> list[Numbered]:
    return [Numbered(number, PublicEvent("x" * size)) for number, size in enumerate(sizes, first)]


def test_a_client_may_receive_so_many_events_unseen() -> None:
    credit = Credit()
    assert credit.take(events(*[1] * (MAX_UNSEEN_EVENTS + 5))) == MAX_UNSEEN_EVENTS
    assert credit.is_used_up
    credit.see(10)
    assert not credit.is_used_up
    assert len(credit) == MAX_UNSEEN_EVENTS - 10


def test_a_client_may_receive_so_many_bytes_unseen_and_the_event_that_exceeds_them() -> None:
    credit = Credit()
    assert credit.take(events(*[MAX_UNSEEN_BYTES // 2] * 4)) == 2
    credit.see(2)
    assert (credit.take(events(3 * MAX_UNSEEN_BYTES, first=3)), credit.is_used_up) == (1, True)


@given(st.lists(st.tuples(st.integers(0, MAX_UNSEEN_BYTES), st.integers(0, 40)), max_size=40))
def test_what_is_unseen_is_counted_exactly(steps: list[tuple[int, int]]) -> None:
    credit, unseen = Credit(), []
    for number, (size, seen) in enumerate(steps, 1):
        [event] = events(size, first=number)
        if credit.take([event]):
            unseen.append(event)
        credit.see(seen)
        unseen = [each for each in unseen if each.number > seen]
        assert (len(credit), credit.size) == (len(unseen), sum(each.size for each in unseen))


class SlowBus(LocalBus):
    """A bus that is read while something happens, as another process may do."""

    meanwhile: Callable[[], None] | None = None

    async def read_async(self, session: str, after: int, epoch: str = "") -> Found:
        found = self.read(session, after, epoch)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return found


def test_what_happens_while_a_socket_catches_up_is_not_missed() -> None:
    bus = SlowBus()
    bus.publish(SESSION, lines("a"))
    watch = SessionWatch("sid", SESSION)

    def meanwhile() -> None:
        bus.publish(SESSION, lines("b"))
        batch = bus.read(SESSION, 1)
        assert isinstance(batch, Batch)
        assert watch.offer(batch) == ()

    bus.meanwhile = meanwhile
    first = asyncio.run(watch.catch_up(bus))
    assert (first.last, watch.is_behind) == (1, True)
    second = asyncio.run(watch.catch_up(bus))
    assert (second.last, watch.is_live, watch.sent) == (2, True, 2)


def test_a_batch_that_was_missed_makes_a_socket_catch_up() -> None:
    bus = LocalBus()
    watch = SessionWatch("sid", SESSION)
    asyncio.run(watch.catch_up(bus))
    bus.publish(SESSION, lines("a", "b"))
    later = bus.read(SESSION, 1)
    assert isinstance(later, Batch)
    assert watch.offer(later) == ()
    assert watch.is_behind
    found = asyncio.run(watch.catch_up(bus))
    assert isinstance(found, Batch)
    assert ([each.number for each in found.events], watch.is_live) == ([1, 2], True)


def test_a_batch_of_another_epoch_leads_to_a_reset() -> None:
    bus = LocalBus()
    watch = SessionWatch("sid", SESSION, epoch="old")
    watch.is_live = True
    assert watch.offer(Batch(SESSION, bus.epoch, 0, 1, ())) == ()
    assert watch.is_behind
    assert asyncio.run(watch.catch_up(bus)) == Reset(SESSION, bus.epoch, 0)
    assert watch.is_live
