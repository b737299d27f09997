"""Fixtures for tests of worker processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.invocations.running.workers.machine import Machine


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Yield a machine with two workers, which were started."""
    made = Machine()
    made.workers.start()
    yield made
    made.close()
