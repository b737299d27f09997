"""Each session is one object in this process; only the latest ones and those in use stay in memory."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from invocations.errors import SessionBusy, SessionChanged, SessionMissing, StoreFailed
from invocations.invoker import Invoker
from invocations.sessions.open_sessions import OpenSessions
from invocations.sessions.session import Extension, JournalEntry, Session
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from tests.invocations.bench import Bench, extension, make_invoker, node
from tests.invocations.kitchen import FakeCatalog

WAIT_S = 60.0


class CountedReads:
    """Reads empty sessions, and counts how often each was read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __call__(self, session_id: str) -> Session:
        self.counts[session_id] += 1
        return Session(session_id, 0.0, FakeCatalog.specs)


class FailingStore(MemoryStore):
    """A store that can be told to refuse entries."""

    fails = False

    def append(self, session_id: str, *entries: JournalEntry) -> None:
        if self.fails:
            raise StoreFailed("here", "the disk is full")
        super().append(session_id, *entries)


def test_threads_that_open_a_session_at_once_get_the_same_object() -> None:
    read = CountedReads()
    opened, together = OpenSessions(read, most=2), threading.Barrier(16)

    def open_all(_: int) -> list[Session]:
        together.wait(WAIT_S)
        return [opened.open(str(number)) for number in range(20)]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(open_all, range(16)))
    assert all(len({id(each[number]) for each in found}) == 1 for number in range(20))
    assert read.counts == dict.fromkeys(map(str, range(20)), 1)


def test_of_a_thousand_opened_sessions_only_the_latest_stay_in_memory() -> None:
    read = CountedReads()
    opened = OpenSessions(read, most=64)
    for number in range(1000):
        opened.open(str(number))
    gc.collect()
    assert len(opened) == 64
    assert opened.find("935") is None
    assert opened.find("936") is not None


def test_the_memory_of_ten_times_as_many_sessions_is_little_more(tmp_path: Path) -> None:
    invoker = make_invoker(LocalStore(tmp_path / "s.sqlite"))
    invoker._open._most = 16
    sizes: list[int] = []
    tracemalloc.start()
    try:
        for count in (40, 360):
            for _ in range(count):
                id_ = invoker.create().id
                invoker.extend(id_, extension([node(f"n{at} number", value=at) for at in range(10)]))
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        invoker.close()
    assert sizes[1] < 2 * sizes[0]


def test_a_session_that_is_used_stays_while_others_go() -> None:
    opened = OpenSessions(CountedReads(), most=2)
    for id_ in ("a", "b", "a", "c"):
        opened.open(id_)
    gc.collect()
    assert [opened.find(id_) is not None for id_ in "abc"] == [True, False, True]


def test_a_held_session_stays_in_memory_until_it_is_let_go() -> None:
    read = CountedReads()
    opened = OpenSessions(read, most=1)
    with ExitStack() as stack:
        held = stack.enter_context(opened.hold("held"))
        for number in range(10):
            opened.open(str(number))
        gc.collect()
        assert opened.open("held") is held
        assert read.counts["held"] == 1
        opened.open("other")
        del held
    gc.collect()
    assert opened.find("held") is None


def test_a_running_session_stays_in_memory(bench: Bench, held: threading.Event) -> None:
    invoker = bench.invoker
    invoker._open._most = 1
    bench.grow([node("s slow")])
    id_ = bench.session.id
    run = invoker.run(id_)
    next(run)
    bench.session = invoker.create()
    for _ in range(3):
        invoker.create()
    gc.collect()
    assert invoker.open(id_).running.locked()
    held.set()
    assert [event.event for event in run][-1] == "session_finished"


def test_a_session_is_read_again_in_place_when_another_process_has_changed_it(tmp_path: Path) -> None:
    one, other = (make_invoker(LocalStore(tmp_path / "s.sqlite")) for _ in range(2))
    session = one.create()
    other.extend(session.id, extension([node("a number", value=1)]))
    assert one.catch_up(session.id)
    assert one.open(session.id) is session
    assert list(session.graph.nodes) == ["a"]
    for invoker in (one, other):
        invoker.close()


def test_a_session_that_is_running_is_not_deleted(any_bench: Bench, held: threading.Event) -> None:
    any_bench.grow([node("s slow")])
    run = any_bench.invoker.run(any_bench.session.id)
    next(run)
    with pytest.raises(SessionBusy) as caught:
        any_bench.invoker.delete(any_bench.session.id)
    assert caught.value.message == f"session `{any_bench.session.id}` is already running"
    assert caught.value.hint == "wait for that run, or cancel it"
    held.set()
    assert [event.event for event in run][-1] == "session_finished"
    any_bench.invoker.delete(any_bench.session.id)
    with pytest.raises(SessionMissing):
        any_bench.invoker.open(any_bench.session.id)


def test_a_run_of_a_deleted_session_does_not_begin(any_bench: Bench) -> None:
    any_bench.grow([node("a number", value=1)])
    run = any_bench.invoker.run(any_bench.session.id)
    any_bench.invoker.delete(any_bench.session.id)
    with pytest.raises(SessionMissing) as caught:
        next(run)
    assert caught.value.message == f"session `{any_bench.session.id}` has been deleted"


def test_a_deleted_session_that_is_held_takes_no_lines(any_bench: Bench) -> None:
    id_ = any_bench.session.id
    with any_bench.invoker.hold(id_) as session:
        any_bench.invoker.delete(id_)
        assert session.is_deleted
        with pytest.raises(SessionMissing):
            any_bench.invoker.extend(id_, extension([node("a number", value=1)]))


def test_a_line_that_cannot_be_stored_leaves_the_session_as_it_was(make: Callable[..., Extension]) -> None:
    store = FailingStore()
    bench = Bench(store).grow([node("a number", value=1)])
    store.fails = True
    with pytest.raises(StoreFailed):
        bench.grow([node("b add"), node("c add")], "a.value > b.a", "b.value > c.a")
    assert bench.invoker.open(bench.session.id) is bench.session
    assert list(bench.session.graph.nodes) == ["a"]
    assert bench.session.graph.edges == ()
    assert bench.session.graph.outgoing("a") == []
    store.fails = False
    bench.grow([node("b add", b=2)], "a.value > b.a").run()
    assert bench.values("b") == [3]
    assert bench.reopen().session.graph.nodes.keys() == {"a", "b"}


def test_a_line_is_refused_if_its_sender_does_not_know_the_latest_lines(any_bench: Bench) -> None:
    any_bench.grow([node("a number", value=1)]).grow([node("b number", value=2)])
    id_ = any_bench.session.id
    with pytest.raises(SessionChanged) as caught:
        any_bench.invoker.extend(id_, extension([node("c number", value=3)]), lines=1)
    assert caught.value.message == f"session `{id_}` has 2 lines instead of 1"
    assert caught.value.hint == "another client has changed it: read it again"
    any_bench.invoker.extend(id_, extension([node("c number", value=3)]), lines=2)
    assert list(any_bench.session.graph.nodes) == ["a", "b", "c"]


def test_of_threads_that_add_to_a_session_at_once_each_adds_one_line(tmp_path: Path) -> None:
    invoker = make_invoker(LocalStore(tmp_path / "s.sqlite"))
    id_ = invoker.create().id
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda at: invoker.extend(id_, extension([node(f"{at} number", value=at)])), range(40)))
    invoker.close()
    again = make_invoker(LocalStore(tmp_path / "s.sqlite"))
    assert len(again.open(id_).lines) == 40
    assert again.open(id_).graph.nodes.keys() == {str(at) for at in range(40)}
    again.close()


def test_workers_are_made_once_however_many_threads_need_them() -> None:
    made: list[object] = []
    invoker = make_invoker(MemoryStore())
    invoker._make_workers = lambda: made.append(object()) or made[-1]  # type: ignore[func-returns-value,return-value]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: invoker.workers, range(64)))
    assert len(made) == 1
    assert {*map(id, found)} == {id(made[0])}


def test_an_invoker_without_a_limit_of_its_own_keeps_64_sessions() -> None:
    invoker: Invoker = make_invoker(MemoryStore())
    for _ in range(70):
        invoker.create()
    gc.collect()
    assert len(invoker._open) == 64
