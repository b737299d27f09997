"""Local runs: all lines of a session share one thread, and concurrent runs use separate threads."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from invocations.running.base import Run
from invocations.running.local import MANY, LocalRunner
from tests.invocations.bench import Bench, node
from tests.steps import calls_of

START = threading.Thread.start


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Yield a test bench, and end its threads after the test."""
    made = Bench(runner=LocalRunner())
    yield made
    made.runner.close()


def add_line(bench: Bench, number: int) -> None:
    assert bench.grow([node(f"x{number} add", a=number, b=1)]).run().values(f"x{number}") == [number + 1]


def workers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "run"}


def test_all_lines_of_a_session_share_one_thread(bench: Bench) -> None:
    assert calls_of(START, lambda: [add_line(bench, number) for number in range(50)]) == 1


def test_concurrent_runs_use_separate_threads_which_are_reused(bench: Bench, held: threading.Event) -> None:
    sessions = [bench.session, *(bench.invoker.create() for _ in range(2))]

    def start() -> list[Run]:
        held.clear()
        runs = []
        for number, session in enumerate(sessions):
            slow = node(f"s{len(session.graph.nodes)} slow", steps=2)
            bench.session = session
            bench.grow([slow])
            runs.append(bench.invoker.run(session.id))
            assert next(runs[number]).event == "node_started"
        held.set()
        return runs

    ended: list[str] = []
    assert calls_of(START, lambda: ended.extend([*run][-1].event for run in start())) == 3
    assert calls_of(START, lambda: ended.extend([*run][-1].event for run in start())) == 0
    assert ended == ["session_finished"] * 6


def test_a_thread_is_reused_after_an_unexpected_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    add_line(bench, 1)
    with monkeypatch.context() as patch:
        patch.setattr("invocations.running.local.execute", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bench.grow([node("b add", a=1, b=1)]).run()
    assert calls_of(START, lambda: add_line(bench, 2)) == 0


@pytest.mark.parametrize("close", [True, False])
def test_an_idle_thread_ends_when_its_runner_is_closed_or_deleted(close: bool) -> None:
    before = workers()
    runner = LocalRunner()
    add_line(Bench(runner=runner), 1)
    (worker,) = workers() - before
    if close:
        runner.close()
    del runner
    gc.collect()
    worker.join(10)
    assert not worker.is_alive()


def test_an_idle_thread_keeps_no_session_in_memory() -> None:
    runner = LocalRunner()
    bench = Bench(runner=runner)
    add_line(bench, 1)
    session = weakref.ref(bench.session)
    del bench
    add_line(Bench(runner=runner), 2)  # after this, the thread no longer refers to the first run
    gc.collect()
    assert session() is None
    runner.close()


def test_the_events_of_a_short_run_are_never_delayed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr("invocations.running.local.time.sleep", paused.append)
    bench.grow([node(f"a{number} add", a=number, b=1) for number in range(MANY // 4)]).run()
    assert paused == []


def test_no_event_of_many_quick_nodes_is_lost(bench: Bench) -> None:
    bench.grow([node(f"a{number} add", a=number, b=1) for number in range(500)])
    run = bench.invoker.run(bench.session.id)
    seen = []
    while True:
        while not run.wait(0.0001):
            pass
        try:
            seen.append(next(run))
        except StopIteration:
            break
    finished = [event.node_id for event in seen if event.event == "node_finished"]
    assert len(finished) == len(set(finished)) == 500
    assert seen[-1].event == "session_finished"
