"""Sixteen threads open, extend, run, cancel and delete sessions at random, with one invoker or two on one file."""

from __future__ import annotations

import gc
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from invocations.errors import GraphError, SessionBusy, SessionChanged, SessionMissing
from invocations.events import SessionCancelled, SessionFinished
from invocations.invoker import Invoker
from invocations.sessions.session import Session
from invocations.storing.base import SessionStore
from invocations.storing.exporting import document_of
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from tests.invocations.bench import extension, make_invoker, node

THREADS, TURNS, SESSIONS, MOST_OPEN = 16, 40, 8, 3
WAIT_S = 120.0
ENDS = (SessionFinished, SessionCancelled)


class Crowd:
    """What threads do to the sessions of an invoker, and which lines they have added."""

    def __init__(self, invoker: Invoker) -> None:
        self.invoker = invoker
        self.sessions = [invoker.create().id for _ in range(SESSIONS)]
        self.added: dict[str, set[str]] = {id_: set() for id_ in self.sessions}
        self.deleted: set[str] = set()
        self.done: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.names = iter(range(10**9))

    def act(self, seed: int) -> None:
        """Do one thing after another, chosen at random."""
        chance = random.Random(seed)
        acts: list[Callable[[str], None]] = [
            self.open, self.extend, self.extend, self.run, self.run, self.cancel, self.hold, self.list, self.catch_up,
            self.export,
        ]  # fmt: skip
        for turn in range(TURNS):
            session = chance.choice(self.sessions)
            act = self.replace if turn % 20 == 10 else chance.choice(acts)
            try:
                act(session)
            except (SessionBusy, SessionMissing, SessionChanged) as error:
                self.done[type(error).__name__] += 1
            else:
                self.done[act.__name__] += 1

    def open(self, session_id: str) -> None:
        assert self.invoker.open(session_id).id == session_id

    def extend(self, session_id: str) -> None:
        with self.lock:
            name = f"n{next(self.names)}"
        nodes = [
            node(f"{name} add", a=len(name), b=1),
            node(f"{name}i iterate", collection=[1, 2, 3]),
            node(f"{name}m mul"),
        ]
        links = (f"{name}i.item > {name}m.a", f"{name}.value > {name}m.b")
        self.invoker.extend(session_id, extension(nodes, *links))
        with self.lock:
            self.added[session_id] |= {each.id for each in nodes}

    def run(self, session_id: str) -> None:
        *_, last = self.invoker.run(session_id)
        assert isinstance(last, ENDS)

    def cancel(self, session_id: str) -> None:
        run = self.invoker.run(session_id)
        first = next(run)
        run.cancel()
        assert isinstance([first, *run][-1], ENDS)

    def hold(self, session_id: str) -> None:
        with self.invoker.hold(session_id) as session:
            before = len(session.graph.nodes)
            with suppress(SessionMissing):
                assert self.invoker.open(session_id) is session
            assert len(session.graph.nodes) >= before

    def list(self, session_id: str) -> None:
        assert len(self.invoker.sessions()) <= len(self.sessions)
        assert all(line.session for line in self.invoker.lines())

    def export(self, session_id: str) -> None:
        with self.invoker.hold(session_id) as session:
            document = document_of(session)
            assert len(document["lines"]) <= len(session.lines)

    def catch_up(self, session_id: str) -> None:
        self.invoker.catch_up(session_id)

    def replace(self, session_id: str) -> None:
        """Delete a session, and create another one."""
        self.invoker.delete(session_id)
        fresh = self.invoker.create().id
        with self.lock:
            self.deleted.add(session_id)
            self.added[fresh] = set()
            self.sessions.append(fresh)


def read_again(store: SessionStore, session_id: str) -> Session:
    return make_invoker(store).open(session_id)


def check(crowd: Crowd, store: SessionStore) -> None:
    """Check that memory and store agree, and that nothing was lost or done twice."""
    for id_ in crowd.sessions:
        if id_ in crowd.deleted:
            with pytest.raises(SessionMissing):
                crowd.invoker.open(id_)
            continue
        session = crowd.invoker.open(id_)
        assert not session.running.locked()
        *_, last = crowd.invoker.run(id_)
        assert isinstance(last, SessionFinished)
        stored = read_again(store, id_)
        assert session.graph.nodes.keys() == stored.graph.nodes.keys() == crowd.added[id_]
        assert len(session.lines) == len(stored.lines) == len(crowd.added[id_]) // 3
        assert session.results == stored.results
        assert len(session.log) == len(stored.log)
        finished = Counter((event.node_id, event.path) for event in stored.history)
        assert set(finished.values()) <= {1}, "a node ran twice"
        assert {name for name, _ in session.results} == crowd.added[id_]
        assert len(session.results) == 7 * len(session.lines)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("seed", [1, 2])
def test_sixteen_threads_lose_nothing(kind: str, seed: int, tmp_path: Path) -> None:
    store: SessionStore = MemoryStore() if kind == "memory" else LocalStore(tmp_path / "s.sqlite")
    invoker = make_invoker(store)
    invoker._open._most = MOST_OPEN
    crowd = Crowd(invoker)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(crowd.act, range(seed * 100, seed * 100 + THREADS), timeout=WAIT_S))
    for name in ("open", "extend", "run", "cancel", "hold", "list", "replace"):
        assert crowd.done[name], name
    check(crowd, store)
    gc.collect()
    assert len(invoker._open) <= MOST_OPEN
    invoker.close()


@pytest.mark.parametrize("seed", [1])
def test_two_processes_with_eight_threads_each_lose_nothing(seed: int, tmp_path: Path) -> None:
    invokers = [make_invoker(LocalStore(tmp_path / "s.sqlite")) for _ in range(2)]
    id_ = invokers[0].create().id
    added: set[str] = set()
    lock = threading.Lock()

    def act(number: int) -> None:
        invoker = invokers[number % 2]
        for turn in range(15):
            name = f"n{number}x{turn}"
            while True:
                try:
                    invoker.extend(id_, extension([node(f"{name} add", a=number, b=turn)]))
                    break
                except SessionChanged:
                    invoker.catch_up(id_)
            with lock:
                added.add(name)
            with suppress(SessionBusy, GraphError):
                list(invoker.run(id_, only=[name]))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(act, range(THREADS), timeout=WAIT_S))
    for invoker in invokers:
        invoker.catch_up(id_)
        assert invoker.open(id_).graph.nodes.keys() == added
        assert len(invoker.open(id_).lines) == len(added)
    for invoker in invokers:
        invoker.close()
