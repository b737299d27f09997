"""Fixtures for tests that every kind of queue must pass, and for those of the coordinator."""

from __future__ import annotations

import pytest

from invocations.queueing.local import LocalQueue
from invocations.queueing.memory import MemoryQueue
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from tests.invocations.queueing.desk import Desk


@pytest.fixture(params=["memory", "sqlite"])
def any_store(request, tmp_path):
    """Yield an empty store of each kind."""
    store = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "sessions.sqlite")
    yield store
    store.close()


@pytest.fixture
def queue(any_store):
    """Return an empty queue of each kind, with the sessions s, t and u."""
    for session in "stu":
        any_store.create(session, 1.0)
    return MemoryQueue(any_store) if isinstance(any_store, MemoryStore) else LocalQueue(any_store)


@pytest.fixture
def desks(any_store):
    """Yield a function that opens a desk on a store of each kind; it takes the arguments of `Desk`."""
    opened = []

    def open_(**how):
        opened.append(Desk(any_store, **how))
        return opened[-1]

    yield open_
    for desk in opened:
        desk.coordinator.shutdown(0.0)


@pytest.fixture
def desk(desks):
    """Return a desk whose coordinator is at work."""
    made = desks()
    made.coordinator.start()
    return made
