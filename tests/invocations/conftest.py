"""Fixtures for the tests of the framework: test benches, and functions that create nodes, edges and extensions."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from invocations.graph.graph import Edge, Graph, Node
from invocations.sessions.session import Extension
from invocations.spec import InvocationSpec
from invocations.storing.base import SessionStore
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from tests.invocations.bench import Bench, edge, extension, node
from tests.invocations.kitchen import RELEASED, FakeCatalog
from tests.invocations.kitchen_batches import Press
from tests.invocations.kitchen_faults import Picky
from tests.invocations.kitchen_images import Keep


@pytest.fixture
def graph() -> Graph:
    """Return an empty graph of test nodes."""
    return Graph(FakeCatalog.specs)


@pytest.fixture
def bench() -> Bench:
    """Return a test bench whose session is stored in memory."""
    return Bench()


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    """Return a function that creates a test bench, optionally with another store or cache."""
    return Bench


@pytest.fixture(params=["memory", "sqlite"])
def any_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Yield a test bench for each kind of session store in turn."""
    store: SessionStore = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "sessions.sqlite")
    yield Bench(store)
    store.close()


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Yield an event; the node `slow` waits after its first step until the event is set or the run is cancelled."""
    RELEASED.clear()
    yield RELEASED
    RELEASED.set()


@pytest.fixture
def make() -> Callable[..., Extension]:
    """Return a function that creates an extension of nodes and edges."""
    return extension


@pytest.fixture
def n() -> Callable[..., Node]:
    """Return a function that creates a node from a short notation."""
    return node


@pytest.fixture
def e() -> Callable[[str], Edge]:
    """Return a function that creates an edge from a short notation."""
    return edge


@pytest.fixture
def specs() -> Mapping[str, InvocationSpec]:
    """Return the metadata of the test nodes by type."""
    return FakeCatalog.specs


@pytest.fixture(autouse=True)
def fresh_nodes() -> None:
    """Reset the nodes that keep state."""
    Picky.cured = False
    Press.batches.clear()
    Press.seen.clear()
    Press.room = 100
    Keep.seen.clear()


@pytest.fixture
def count_calls() -> Callable[[Callable[[], object]], int]:
    """Return a function that counts the calls that a callable makes, which are the same on any machine."""

    def counted(work: Callable[[], object]) -> int:
        calls = 0

        def tick(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        threading.setprofile(tick)
        sys.setprofile(tick)
        try:
            work()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type] # None switches it off
        return calls

    return counted


@pytest.fixture
def cure() -> Callable[[], None]:
    """Return a function that makes the node `picky` accept everything from now on."""

    def cured() -> None:
        Picky.cured = True

    return cured


@pytest.fixture
def records() -> list[Any]:
    """Return the list of records that the node `keep` has received."""
    return Keep.seen
