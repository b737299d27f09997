"""A fixture for tests that every kind of session store must pass."""

from __future__ import annotations

import pytest

from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """Yield an empty store of each kind."""
    made = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "deep" / "sessions.sqlite")
    yield made
    made.close()
