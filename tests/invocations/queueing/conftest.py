"""A fixture for tests that every kind of queue must pass."""

from __future__ import annotations

import pytest

from invocations.queueing.memory import MemoryQueue
from invocations.storing.memory import MemoryStore


@pytest.fixture
def queue():
    """Yield an empty queue with the sessions s, t and u."""
    store = MemoryStore()
    for session in "stu":
        store.create(session, 1.0)
    yield MemoryQueue(store)
    store.close()
