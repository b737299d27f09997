"""The times of nodes that workers run: waiting is not computing, and neither is counted twice."""

from __future__ import annotations

import itertools
import time
from types import SimpleNamespace
from typing import Any

import pytest

from invocations.cache.base import MemoryCache
from invocations.events import NodeFinished
from invocations.graph.expand import NodeStep
from invocations.running import execute, recorder
from invocations.running.workers.worker_queue import WorkerQueue
from tests.invocations.bench import Bench, NoServices, node
from tests.invocations.running.workers.fake_workers import FakeWorkers

KEY = ("a", ())


def test_the_time_of_a_result_that_another_step_has_made_does_not_include_waiting_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: float(next(ticks)), time=time.time)
    for module in (execute, recorder):
        monkeypatch.setattr(module, "time", clock)
    services: Any = NoServices()
    bench = Bench(cache=MemoryCache(), workers=FakeWorkers(1, services))
    bench.grow([node("a add", a=1, b=2), *[node(f"b{n} add", a=1, b=2) for n in range(5)]]).run()
    times = {event.node_id: event.seconds for event in bench.events if isinstance(event, NodeFinished)}
    assert len(bench.reused()) == 5
    assert [times[id_] for id_ in bench.reused()] == [1.0] * 5


def test_a_step_whose_worker_ended_has_waited_since_then() -> None:
    now = [10.0]
    queue = WorkerQueue(lambda: now[0])
    queue.put("", (0,), NodeStep("run", *KEY, {}))
    now[0] = 12.0
    assert queue.waited(KEY, now[0]) == 2.0
    now[0] = 50.0
    queue.wait_again(KEY)
    now[0] = 51.5
    assert queue.waited(KEY, now[0]) == 1.5
    queue.learn(KEY, 1.0, 0.0)
    queue.wait_again(KEY)
    assert queue.waited(KEY, now[0]) == 0.0
