"""Fixtures for the tests of the framework: benches, and functions that create nodes, edges and extensions."""

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
from tests.invocations.kitchen import FakeCatalog
from tests.invocations.kitchen_faults import Picky
from tests.invocations.kitchen_images import Keep


@pytest.fixture
def graph() -> Graph:
    """An empty graph."""
    return Graph(FakeCatalog.specs)


@pytest.fixture
def bench() -> Bench:
    """A bench in memory."""
    return Bench()


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    """Create a bench with another store or cache."""
    return Bench


@pytest.fixture(params=["memory", "sqlite"])
def any_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A bench for each kind of store."""
    store: SessionStore = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "sessions.sqlite")
    yield Bench(store)
    store.close()


@pytest.fixture
def make() -> Callable[..., Extension]:
    """Create extensions."""
    return extension


@pytest.fixture
def n() -> Callable[..., Node]:
    """Create nodes."""
    return node


@pytest.fixture
def e() -> Callable[[str], Edge]:
    """Create edges."""
    return edge


@pytest.fixture
def specs() -> Mapping[str, InvocationSpec]:
    """The metadata of the test nodes."""
    return FakeCatalog.specs


@pytest.fixture(autouse=True)
def fresh_nodes() -> None:
    """Reset the nodes that keep state."""
    Picky.cured = False
    Keep.seen.clear()


@pytest.fixture
def count_calls() -> Callable[[Callable[[], object]], int]:
    """Return a function that counts the calls some work makes in all threads: a cost that no other program affects."""

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
    """The records that `keep` has seen."""
    return Keep.seen
