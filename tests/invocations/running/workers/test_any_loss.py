"""A worker may end, and a run be cancelled, at any message: each node is recorded once, with the usual result."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from invocations.cache.base import MemoryCache
from invocations.events import NodeFinished
from invocations.running.base import Batching
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import (
    StepFailed,
    StepFinished,
    StepStopped,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
    report_from_json,
)
from invocations.running.workers.task import WorkerTask
from invocations.running.workers.worker_loop import WorkerLoop
from tests.invocations.bench import Bench, NoServices, label, node
from tests.invocations.kitchen import PluginCatalog
from tests.invocations.sessions.killed import InlineRunner


class LossyWorkers(Workers):
    """Workers in the thread of the run; one ends instead of, or after, its message with a given number.

    Messages are counted from 0: that a worker is ready, that it is given a task, and its reports.
    """

    def __init__(self, size: int, loses: Sequence[int], *, after: bool) -> None:
        super().__init__()
        self.size = size
        self.count = 0
        self._loses = loses
        self._after = after
        self.at_message: Callable[[int], object] = lambda number: None
        self._reports: deque[WorkerReport] = deque()

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()
        for number in range(self.size):
            self._ready(f"w{number + 1}")
        return []

    def submit(self, worker: str, task: WorkerTask) -> None:
        if self._ends_now(worker):
            return
        sent: list[Any] = []
        services: Any = NoServices()
        WorkerLoop(worker, services, PluginCatalog(), sent.append, progress_s=0.0).do(task)
        self._reports += [report_from_json(json.loads(json.dumps(data))) for data in sent]

    def next_report(self, seconds: float) -> WorkerReport | None:
        if not self._reports:
            return None
        report = self._reports.popleft()
        if isinstance(report, WorkerLost):
            self._ready(report.worker)
        elif self._ends_now(report.worker) and not self._after:
            return self.next_report(seconds)
        return report

    def cancel(self, worker: str, number: int) -> None:
        self._reports = deque(map(self._stopped, self._reports))

    def _stopped(self, report: WorkerReport) -> WorkerReport:
        """Return that a step has stopped instead of its outcome, which was not reported yet."""
        if isinstance(report, (StepFinished, StepFailed)):
            return StepStopped(report.worker, report.number, report.attempt, report.step)
        return report

    def kill(self, worker: str) -> None:
        raise AssertionError("every worker answers")

    def close(self) -> None:
        return None

    def _ready(self, worker: str) -> None:
        self._reports.append(WorkerReady(worker, WorkerInfo(worker, "cpu")))

    def _ends_now(self, worker: str) -> bool:
        """Count a message; return True if the worker ends now, and with it all that it has not reported yet."""
        self.at_message(self.count)
        self.count += 1
        if self.count - 1 not in self._loses:
            return False
        self._reports = deque(report for report in self._reports if report.worker != worker)
        self._reports.append(WorkerLost(worker, "signal 9"))
        return True


NODES = [
    node("n upto", n=3), node("i iterate"), node("m mul", b=2), node("twin add", a=1, b=1), node("s add"),
    node("c collect"), node("t total"), node("p press", a=3),
]  # fmt: skip
EDGES = [
    "n.collection > i.collection", "i.item > m.a", "m.value > s.a", "twin.value > s.b", "s.value > c.item",
    "c.collection > t.values",
]  # fmt: skip
TWIN = node("again add", a=1, b=1)


def bench_of(workers: LossyWorkers | None, batching: Batching | None, *, cached: bool = True) -> Bench:
    bench = Bench(cache=MemoryCache() if cached else None, runner=InlineRunner(), workers=workers)
    bench.invoker.batching = batching
    return bench.grow([*NODES, TWIN], *EDGES)


def run(workers: LossyWorkers | None, batching: Batching | None) -> Bench:
    return bench_of(workers, batching).run()


def recorded(bench: Bench) -> list[tuple[str, Any]]:
    """Return each result in the log with its node, in a fixed order."""
    return sorted((label(entry), entry.outputs) for entry in bench.session.history if isinstance(entry, NodeFinished))


@pytest.mark.parametrize("batching", [None, Batching(2)], ids=["single", "batches"])
@pytest.mark.parametrize("after", [False, True], ids=["instead of the message", "after the message"])
def test_a_worker_may_end_at_any_message(batching: Batching | None, after: bool) -> None:
    expected = run(None, batching)
    assert expected.values("t") == [2 + 4 + 6]
    whole = LossyWorkers(2, (), after=after)
    assert recorded(run(whole, batching)) == recorded(expected)
    for number in range(whole.count):
        for loses in ((number,), (number, number + 2)):
            bench = run(LossyWorkers(2, loses, after=after), batching)
            assert (bench.failed(), recorded(bench)) == ([], recorded(expected))
            assert recorded(bench.reopen()) == recorded(expected)


@pytest.mark.parametrize("cached", [False, True], ids=["without a cache", "cached"])
@pytest.mark.parametrize("batching", [None, Batching(2)], ids=["single", "batches"])
def test_a_run_may_be_cancelled_at_any_message_and_goes_on_later(batching: Batching | None, cached: bool) -> None:
    expected = bench_of(None, batching, cached=cached).run()
    whole = LossyWorkers(2, (), after=False)
    bench_of(whole, batching, cached=cached).run()
    for number in range(whole.count):
        workers = LossyWorkers(2, (number + 3,), after=False)
        bench = bench_of(workers, batching, cached=cached)
        started = bench.invoker.run(bench.session.id)
        workers.at_message = lambda count, run=started, last=number: run.cancel() if count == last else None
        *_, end = started
        assert end.event == "session_cancelled"
        bench.run()
        assert recorded(bench) == recorded(expected)
        assert not workers.in_use.locked()
