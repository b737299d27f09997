"""Cancelling a run while the items of a loop are determined: it ends soon, and the next run continues from there."""

from __future__ import annotations

import pytest

from invocations.events import Event, NodeFinished
from invocations.graph import expand, ready
from invocations.running import recorder
from invocations.running.schedule import Schedule
from tests.invocations.bench import Bench, node
from tests.invocations.sessions.killed import InlineRunner, MortalStore

NODES = [
    node("u upto", n=7), node("i iterate"), node("a add", b=1), node("v upto"), node("j iterate"), node("b add", b=2),
    node("c collect"), node("d collect"),
]  # fmt: skip
LINKS = (
    "u.collection > i.collection", "i.item > a.a", "a.value > v.n", "v.collection > j.collection", "j.item > b.a",
    "b.value > c.item", "c.collection > d.item",
)  # fmt: skip


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few steps count as many."""
    monkeypatch.setattr(ready, "MANY", 3)
    monkeypatch.setattr(recorder, "SETTLED", 3)


def make() -> Bench:
    return Bench(MortalStore(), runner=InlineRunner()).grow(NODES, *LINKS)


def cancelled_at(bench: Bench, number: int) -> list[Event]:
    """Cancel the run at the event with this number; return all events."""
    run, events = bench.invoker.run(bench.session.id), []
    for event in run:
        events.append(event)
        if len(events) == number:
            run.cancel()
    return events


def collected(bench: Bench) -> list[object]:
    return bench.values("d", "collection")


EXPECTED = collected(make().run())
EVENTS = len(make().run().events)


@pytest.mark.parametrize("number", range(1, EVENTS, 3))
def test_a_run_that_was_cancelled_at_any_event_is_continued_by_the_next_run(number: int) -> None:
    bench = make()
    before = cancelled_at(bench, number)
    assert before[-1].event == "session_cancelled"
    done = [(event.node_id, event.path) for event in before if isinstance(event, NodeFinished)]
    stored = bench.reopen()
    assert {key for key in done if key not in stored.session.expansion.results} == set()
    bench.run()
    again = [(event.node_id, event.path) for event in bench.events if isinstance(event, NodeFinished)]
    assert (collected(bench), bench.events[-1].event) == (EXPECTED, "session_finished")
    assert set(done).isdisjoint(again)


@pytest.mark.parametrize("number", range(1, EVENTS, 3))
def test_a_run_that_was_cancelled_is_continued_in_the_same_process_and_everything_is_stored(number: int) -> None:
    bench = make()
    cancelled_at(bench, number)
    bench.run()
    assert (collected(bench), bench.events[-1].event) == (EXPECTED, "session_finished")
    finished = [entry for entry in bench.session.log if isinstance(entry, NodeFinished)]
    assert len({(entry.node_id, entry.path) for entry in finished}) == len(finished) == EVENTS // 2
    bench.reopen().run()
    assert (collected(bench), [event.event for event in bench.events]) == (EXPECTED, ["session_finished"])


def test_after_it_was_cancelled_a_run_determines_only_few_further_items(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    advance = Schedule.advance

    def cancelled_meanwhile(schedule: Schedule) -> list[expand.NodeStep]:
        if bench.values("u", "collection"):
            schedule._is_cancelled = lambda: True
        steps = advance(schedule)
        found.append(len(steps))
        return steps

    monkeypatch.setattr(Schedule, "advance", cancelled_meanwhile)
    bench = Bench(MortalStore(), runner=InlineRunner())
    nodes = [node("u upto", n=500), node("i iterate"), *[node(f"a{n} add", b=1) for n in range(9)]]
    bench.grow(nodes, "u.collection > i.collection", *[f"i.item > a{n}.a" for n in range(9)])
    next(event for event in bench.invoker.run(bench.session.id) if event.node_id == "i")
    assert found == [1, 500]  # the items themselves, and no node that uses them
