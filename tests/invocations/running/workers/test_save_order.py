"""With workers and batches, images are saved in the order of their items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from invocations.running.base import Batching
from invocations.running.workers.reports import WorkerReport
from invocations.running.workers.task import WorkerTask
from tests.invocations.bench import node
from tests.invocations.kitchen import PluginCatalog
from tests.invocations.running.workers.test_pool import bench_with, workers_of


def test_later_items_are_not_saved_while_an_earlier_one_waits_for_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(worker: str, task: WorkerTask) -> Sequence[WorkerReport] | None:
        if task.steps[0].inputs.get("a") == 0 and task.steps[0].type == "add":
            held.append((worker, task))
            return []
        if len(task.steps) == 2:  # the first batch, of the two later items
            workers._loops[worker].do(task)
            while held:
                first, late = held.pop()
                workers._loops[first].do(late)
            return []
        return None

    saving = replace(PluginCatalog.specs["mul"], roles=frozenset({"saves"}))
    monkeypatch.setattr(PluginCatalog, "specs", {**PluginCatalog.specs, "mul": saving})
    held: list[tuple[str, WorkerTask]] = []
    bench = bench_with(answer)
    workers = workers_of(bench)
    bench.invoker.batching = Batching(2)
    nodes = [node("n upto", n=3), node("i iterate"), node("a add", b=1), node("p press"), node("k mul", b=1)]
    bench.grow(nodes, "n.collection > i.collection", "i.item > a.a", "a.value > p.a", "p.value > k.a").run()
    assert [name for name in bench.ran() if name.startswith("k")] == ["k(0)", "k(1)", "k(2)"]
