"""An engine in a thread of the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.invocations.running.engine.engine_bench import EngineBench


@pytest.fixture
def bench() -> Iterator[EngineBench]:
    """Yield an engine, and check that nothing is left of it."""
    with TemporaryDirectory(prefix="engine-") as folder:
        made = EngineBench(Path(folder))
        yield made
        made.close()
        assert not {os.path.basename(path) for path in (made.place.socket, made.place.lock)} & {
            *os.listdir(made.place.folder)
        }
