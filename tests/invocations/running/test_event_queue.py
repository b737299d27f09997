"""What waits between a run and its reader stays small; what is waited for ends when the invoker is closed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from invocations.events import Event, LogMessage, NodeProgress
from invocations.graph.node import Node
from invocations.local import local_invoker
from invocations.running.event_queue import MANY_WAITING, EventQueue
from invocations.running.local import LocalRun
from invocations.sessions.session import Extension
from tests.invocations.bench import Bench, node
from tests.invocations.running.workers.worker_nodes import settings_with_nodes

WAIT_S = 60.0


def progress(step: int, node_id: str = "n", preview: Any = None) -> NodeProgress:
    return NodeProgress("s", node_id, "peek", (), 0.0, step, 100_000, preview)


def all_of(queue: EventQueue[str]) -> list[Event | str]:
    found = []
    while not queue.is_empty:
        event = queue.get(0.0)
        if event is not None:
            found.append(event)
    return found


def test_events_pass_in_order_as_long_as_few_wait() -> None:
    queue: EventQueue[str] = EventQueue()
    events: list[Event | str] = [
        progress(1),
        LogMessage("s", "n", "x", (), 0.0, "hello"),
        progress(2),
        progress(3),
        "end",
    ]
    for event in events:
        queue.put(event)
    assert all_of(queue) == events


def test_progress_that_nobody_reads_is_replaced_by_newer_progress_of_the_same_node() -> None:
    queue: EventQueue[str] = EventQueue()
    for step in range(1, 10_001):
        queue.put(progress(step))
        queue.put(progress(step, "other"))
    queue.put("end")
    assert len(queue) <= MANY_WAITING + 3
    found = all_of(queue)
    steps = [event.step for event in found if isinstance(event, NodeProgress) and event.node_id == "n"]
    assert steps == sorted(steps)
    assert steps[-1] == 10_000
    assert found[-1] == "end"


def test_a_preview_is_not_lost_with_the_progress_that_had_it() -> None:
    queue: EventQueue[str] = EventQueue()
    for step in range(MANY_WAITING):
        queue.put(progress(step))
    queue.put(progress(1000, preview="image"))
    queue.put(progress(1001))
    last: Any = all_of(queue)[-1]
    assert (last.step, last.preview) == (1001, "image")


def test_events_other_than_progress_are_never_dropped() -> None:
    queue: EventQueue[str] = EventQueue()
    events = [LogMessage("s", "n", "x", (), 0.0, str(number)) for number in range(3 * MANY_WAITING)]
    for event in events:
        queue.put(event)
    assert all_of(queue) == events


def test_a_reader_beside_the_writer_gets_the_last_step_of_every_node() -> None:
    queue: EventQueue[str] = EventQueue()
    seen: dict[str, list[int]] = {"a": [], "b": []}

    def read() -> None:
        while (event := queue.get(None)) != "end":
            if isinstance(event, NodeProgress):
                seen[event.node_id].append(event.step)

    reader = threading.Thread(target=read)
    reader.start()
    for step in range(50_000):
        queue.put(progress(step, "a"))
        queue.put(progress(step, "b"))
    queue.put("end")
    reader.join(WAIT_S)
    for steps in seen.values():
        assert steps == sorted(set(steps))
        assert steps[-1] == 49_999


def test_a_run_that_nobody_reads_keeps_few_events(bench: Bench) -> None:
    bench.grow([node("p peek", steps=20_000)])
    run = bench.invoker.run(bench.session.id)
    assert isinstance(run, LocalRun)
    assert next(run).event == "node_started"
    assert run.ended.wait(WAIT_S)
    assert len(run._queue) < MANY_WAITING + 10
    steps = [event.step for event in run if isinstance(event, NodeProgress)]
    assert steps[-1] == 20_000


def test_closing_an_invoker_ends_what_runs_and_waits_for_it(any_bench: Bench, held: threading.Event) -> None:
    any_bench.grow([node("s slow")])
    run = any_bench.invoker.run(any_bench.session.id)
    next(run)
    any_bench.invoker.close()
    assert not any_bench.session.running.locked()
    assert [event.event for event in run][-1] == "session_cancelled"


def test_closing_an_invoker_does_not_wait_for_a_run_that_was_given_up(bench: Bench, held: threading.Event) -> None:
    bench.grow([node("s slow")])
    run = bench.invoker.run(bench.session.id)
    next(run)
    run.abandon()
    bench.invoker.close()
    assert bench.session.running.locked()
    held.set()
    run.end()


@pytest.mark.parametrize("reads", [True, False], ids=["read", "unread"])
def test_closing_an_invoker_ends_a_run_with_workers(reads: bool, tmp_path: Path) -> None:
    invoker = local_invoker(settings_with_nodes(tmp_path, jobs=2))
    session = invoker.create().id
    invoker.extend(session, Extension((Node("1", "linger", {"a": 1}), Node("2", "linger", {"a": 2}))))
    run = invoker.run(session)
    seen: list[Event] = []

    def read() -> None:
        for event in run:
            seen.append(event)

    while not isinstance(event := next(run), NodeProgress):
        seen.append(event)
    reader = threading.Thread(target=read)
    if reads:
        reader.start()
    invoker.close()
    if reads:
        reader.join(WAIT_S)
    else:
        read()
    assert seen[-1].event == "session_cancelled"
    assert not invoker.open(session).running.locked()
