"""A fixture for tests that every kind of queue must pass."""

from __future__ import annotations

import pytest

from invocations.queueing.local import LocalQueue
from invocations.queueing.memory import MemoryQueue
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
def queue(request, tmp_path):
    """Yield an empty queue of each kind, with the sessions s, t and u."""
    store = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "sessions.sqlite")
    for session in "stu":
        store.create(session, 1.0)
    yield MemoryQueue(store) if isinstance(store, MemoryStore) else LocalQueue(store)
    store.close()
