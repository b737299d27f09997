"""A fixture for tests that the gallery of every kind of session store must pass."""

from __future__ import annotations

import pytest

from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore


@pytest.fixture(params=["memory", "memory, filled later", "sqlite"])
def store(request, tmp_path):
    """Yield an empty store of each kind, once with a gallery that is first used after sessions were recorded."""
    made = LocalStore(tmp_path / "sessions.sqlite") if request.param == "sqlite" else MemoryStore()
    if request.param == "memory":
        assert made.gallery.page() == []
    yield made
    made.close()
