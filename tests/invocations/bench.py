"""A test bench: an invoker with one session and the nodes of `kitchen.py`; short notations for nodes and edges."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from invocations.cache.base import ResultCache
from invocations.events import Event, NodeFailed, NodeFinished, NodeSkipped
from invocations.graph.graph import Edge, Node
from invocations.invoker import Invoker
from invocations.running.base import Runner
from invocations.running.local import LocalRunner
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import WorkerReport
from invocations.running.workers.worker_events import NodeAssigned, WorkerChanged
from invocations.sessions.session import Extension, Session
from invocations.storing.base import SessionStore
from invocations.storing.memory import MemoryStore
from tests.invocations.kitchen import FakeCatalog, PluginCatalog
from tests.invocations.kitchen_faults import Crowded
from tests.invocations.running.workers.fake_workers import FakeWorkers

WORKERS = int(os.environ.get("INVOKEAI_TEST_WORKERS", "0"))  # how many workers the tests of the engine use


class SlowWorkers(FakeWorkers):
    """Workers whose reports arrive only when this process has nothing else to do, which makes the order certain."""

    def next_report(self, seconds: float) -> WorkerReport | None:
        return super().next_report(seconds) if seconds else None


class NoServices:
    """A stand-in for the services, for nodes that do not use any."""

    def measured(self, *_: Any, **__: Any) -> None:
        return None

    def free(self) -> bool:
        Crowded.loaded.clear()
        return False

    def flush(self) -> None:
        return None

    def free_idle(self) -> None:
        return None

    def close(self) -> None:
        return None


def node(text: str, /, **inputs: Any) -> Node:
    """Return a node: `node("a add", b=1)` is an `add` node with the id `a`."""
    id_, _, kind = text.partition(" ")
    return Node(id_, kind or id_, inputs)


def edge(text: str) -> Edge:
    """Return an edge: `edge("a.value > b.a")` links the output `value` of `a` to the input `a` of `b`."""
    source, _, target = text.partition(" > ")
    return Edge(*source.split("."), *target.split("."))


def extension(nodes: list[Node], *edges: str, **more: Any) -> Extension:
    """Return an extension that adds the given nodes and edges."""
    return Extension(tuple(nodes), tuple(edge(text) for text in edges), **more)


class Bench:
    """An invoker with one session, and the events of its runs."""

    def __init__(
        self,
        store: SessionStore | None = None,
        cache: ResultCache | None = None,
        runner: Runner | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.runner = runner or LocalRunner()
        self.invoker = make_invoker(self.store, cache, self.runner, workers)
        self.session: Session = self.invoker.create()
        self.events: list[Event] = []
        self.worker_events: list[Event] = []

    def grow(self, nodes: list[Node], *edges: str, **more: Any) -> Bench:
        self.invoker.extend(self.session.id, extension(nodes, *edges, **more))
        return self

    def run(self, **how: Any) -> Bench:
        self.sort(self.invoker.run(self.session.id, **how))
        return self

    def retry(self) -> Bench:
        self.sort(self.invoker.retry(self.session.id))
        return self

    def sort(self, events: Iterable[Event]) -> None:
        """Keep the events of a run, apart from those that only say which worker runs a node."""
        self.events, self.worker_events = [], []
        for event in events:
            about_workers = isinstance(event, (NodeAssigned, WorkerChanged))
            (self.worker_events if about_workers else self.events).append(event)

    def reopen(self) -> Bench:
        """Reopen the session from the store, as a new process would."""
        self.invoker = make_invoker(self.store, None, self.runner)
        self.session = self.invoker.open(self.session.id)
        return self

    def values(self, node_id: str, output: str = "value") -> list[Any]:
        return self.session.values(node_id, output)

    def ran(self) -> list[str]:
        """Return the nodes that finished in the last run, with the index in each enclosing loop: `a` or `a(0, 1)`."""
        return [label(event) for event in self.events if isinstance(event, NodeFinished)]

    def skipped(self) -> dict[str, str]:
        return {label(event): event.reason for event in self.events if isinstance(event, NodeSkipped)}

    def failed(self) -> list[str]:
        return [label(event) for event in self.events if isinstance(event, NodeFailed)]

    def reused(self) -> list[str]:
        return [label(event) for event in self.events if isinstance(event, NodeFinished) and event.reused]


def label(event: Event) -> str:
    inside = ",".join(map(str, event.path))
    return f"{event.node_id}({inside})" if event.path else event.node_id


def make_invoker(
    store: SessionStore,
    cache: ResultCache | None = None,
    runner: Runner | None = None,
    workers: Workers | None = None,
) -> Invoker:
    services: Any = NoServices()
    if workers is None and WORKERS:
        workers = SlowWorkers(WORKERS, services)
    catalog = PluginCatalog() if workers else FakeCatalog()
    return Invoker(
        catalog=catalog, services=services, store=store, runner=runner or LocalRunner(), cache=cache,
        workers=None if workers is None else lambda: workers,
    )  # fmt: skip
