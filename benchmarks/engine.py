"""Measure the engine's cost per node for chains, loops, sweeps and wide graphs, in memory and with SQLite."""

from __future__ import annotations

import gc
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Row, temporary_home
from invocations.events import SessionFinished
from invocations.graph.graph import Edge, Node
from invocations.invoker import Invoker
from invocations.local import LocalSettings, local_invoker
from invocations.sessions.session import Extension
from invocations.storing.memory import MemoryStore

SMALL, LARGE = 100, 10_000
IN_MEMORY, WITH_STORE, GROWTH = 60.0, 150.0, 1.2
PER_ITEM = 2.0  # KB


def chain(count: int) -> Extension:
    """Return a chain of `count` additions, each adding 1 to the result of the previous one."""
    nodes = tuple(Node(str(at), "add", {"b": 1} if at else {"a": 1, "b": 1}) for at in range(count))
    edges = tuple(Edge(str(at), "value", str(at + 1), "a") for at in range(count - 1))
    return Extension(nodes, edges)


def wide(count: int) -> Extension:
    """Return one addition whose result is the input of `count` other additions."""
    nodes = (Node("root", "add", {"a": 1, "b": 1}), *(Node(str(at), "add", {"b": at}) for at in range(count)))
    return Extension(nodes, tuple(Edge("root", "value", str(at), "a") for at in range(count)))


def loop(count: int) -> Extension:
    """Return a loop: `iterate` over `count` items, an addition for each item, and `collect`."""
    nodes = (
        Node("range", "range", {"start": 1, "stop": count}),
        Node("each", "iterate", {}),
        Node("add", "add", {"b": 1}),
        Node("all", "collect", {}),
    )
    edges = (
        Edge("range", "collection", "each", "collection"),
        Edge("each", "item", "add", "a"),
        Edge("add", "value", "all", "item"),
    )
    return Extension(nodes, edges)


def sweep(count: int) -> Extension:
    """Return a sweep of two axes with `count` additions: a list along the outer axis, and a list of all results."""
    side = math.isqrt(count)
    nodes = (
        Node("rows", "iterate", {"collection": list(range(side)), "axis": "row"}),
        Node("columns", "iterate", {"collection": list(range(side)), "axis": "column"}),
        Node("add", "add", {}),
        Node("column", "collect", {"by": ["row"], "holes": True}),
        Node("all", "collect", {"by": ["row", "column"], "holes": True}),
    )
    edges = (
        Edge("rows", "item", "add", "a"),
        Edge("columns", "item", "add", "b"),
        Edge("add", "value", "column", "item"),
        Edge("add", "value", "all", "item"),
    )
    return Extension(nodes, edges)


GRAPHS: dict[str, Callable[[int], Extension]] = {
    "chain": chain, "wide": wide, "iterate + collect": loop, "sweep of two axes": sweep,
}  # fmt: skip


def us_per_node(invoker: Invoker, make: Callable[[int], Extension], count: int) -> float:
    """Create a session, run it to its end, and return the CPU time per node in microseconds."""
    gc.collect()
    start = time.process_time()
    session = invoker.create()
    invoker.extend(session.id, make(count))
    *_, last = invoker.run(session.id, reuse=False)
    took = time.process_time() - start
    if not isinstance(last, SessionFinished):
        raise RuntimeError(f"the graph did not finish: {last}")
    return 1e6 * took / count


def kb_per_item(invoker: Invoker, count: int) -> float:
    """Return the peak memory of running a sweep, including its session, in KB per item."""
    gc.collect()
    tracemalloc.start()
    us_per_node(invoker, sweep, count)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1000 / count


def rows() -> Iterator[Row]:
    """Measure each shape of graph with each store, then how the cost per node grows."""
    with temporary_home() as home:
        settings = LocalSettings(Path(home), Path(home), Path(home))
        in_memory = local_invoker(settings, store=MemoryStore())
        with_store = local_invoker(settings)
        for invoker in (in_memory, with_store):
            us_per_node(invoker, chain, SMALL)
        for name, make in GRAPHS.items():
            small = statistics.median(us_per_node(in_memory, make, SMALL) for _ in range(15))
            large = statistics.median(us_per_node(in_memory, make, LARGE) for _ in range(3))
            stored = statistics.median(us_per_node(with_store, make, LARGE) for _ in range(3))
            yield Row(f"{name}, {LARGE} nodes, in memory", large, IN_MEMORY, 1.0, "us")
            yield Row(f"{name}, {LARGE} nodes, SQLite store", stored, WITH_STORE, 1.0, "us")
            yield Row(f"{name}, time per node, {LARGE} against {SMALL} nodes", large, small, GROWTH, "us")
        yield Row(f"sweep of two axes, memory, {LARGE} items", kb_per_item(in_memory, LARGE), PER_ITEM, 1.0, "KB")
        with_store.close()
