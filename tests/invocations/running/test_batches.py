"""Batches: which steps run at once, and what becomes of each when others fail."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from invocations.cache.base import MemoryCache
from invocations.events import NodeFailed, NodeFinished, NodeProgress, SessionCancelled
from invocations.running.ahead import Ahead
from invocations.running.base import BATCH_BY_MEMORY, Batching
from invocations.running.batches import MOST, Batches
from invocations.running.deaths import boot_id
from invocations.services.errors import ServiceError
from invocations.sessions.journal import Began
from invocations.values import ModelRef
from tests.invocations.bench import Bench, node
from tests.invocations.kitchen_batches import Press
from tests.invocations.sessions.killed import InlineRunner

MakeBench = Callable[..., Bench]


def pressed(bench: Bench, numbers: list[int], most: int, **inputs: Any) -> Bench:
    """Run one `press` node for each number, in batches of at most `most`."""
    bench.invoker.batching = Batching(most)
    start = len(bench.session.graph.nodes)
    return bench.grow([node(f"p{start + place} press", a=a, **inputs) for place, a in enumerate(numbers)]).run()


def finished(bench: Bench) -> list[NodeFinished]:
    return [event for event in bench.events if isinstance(event, NodeFinished)]


@pytest.mark.parametrize(
    ("most", "batches"),
    [
        (2, [[1, 2], [3, 4], [5]]),
        (3, [[1, 2, 3], [4, 5]]),
        (8, [[1, 2, 3, 4, 5]]),
        (1, [[1], [2], [3], [4], [5]]),
    ],
)
def test_a_batch_runs_when_it_is_full_or_nothing_else_can_run(
    bench: Bench, most: int, batches: list[list[int]]
) -> None:
    pressed(bench, [1, 2, 3, 4, 5], most)
    assert Press.batches == batches
    assert [bench.values(f"p{place}") for place in range(5)] == [[2], [4], [6], [8], [10]]
    assert [event.batch for event in finished(bench)] == [len(batch) for batch in batches for _ in batch]
    assert bench.session.facts(("p0", ())).get("batch", 1) == len(batches[0])


def test_without_batching_every_node_runs_alone(bench: Bench) -> None:
    bench.grow([node("a press", a=1), node("b press", a=2)]).run()
    assert Press.batches == [[1], [2]]
    assert [event.facts for event in finished(bench)] == [{}, {}]


def test_only_nodes_whose_other_inputs_are_equal_share_a_batch(bench: Bench) -> None:
    bench.invoker.batching = Batching(8)
    nodes = [node(f"p{a} press", a=a, factor=2 + a % 2) for a in range(4)]
    bench.grow([*nodes, node("x add", a=1), node("y add", a=2)]).run()
    assert sorted(Press.batches) == [[0, 2], [1, 3]]
    assert bench.values("y") == [2]


def test_the_iterations_of_a_loop_share_a_batch_and_keep_their_order(bench: Bench) -> None:
    bench.invoker.batching = Batching(3)
    nodes = [node("u upto", n=5), node("i iterate"), node("h add", b=1), node("p press"), node("m mul", b=10)]
    links = ["u.collection > i.collection", "i.item > h.a", "h.value > p.a", "p.value > m.a"]
    bench.grow(nodes, *links).run()
    values = bench.values("h")
    assert Press.batches == [values[:3], values[3:]]
    assert bench.values("m") == [value * 20 for value in values]


def test_each_node_reports_its_own_progress_and_runs_for_its_share_of_the_time(bench: Bench) -> None:
    pressed(bench, [1, 2, 3], 8)
    progress = [event.node_id for event in bench.events if isinstance(event, NodeProgress)]
    assert progress == ["p0", "p1", "p2"]
    assert len({event.seconds for event in finished(bench)}) == 1
    assert all(event.queue_seconds >= 0 and event.peak_bytes > 0 for event in finished(bench))


def test_a_node_that_is_refused_fails_alone(bench: Bench) -> None:
    pressed(bench, [1, 13, 3], 8)
    assert Press.batches == [[1, 13, 3], [1], [13], [3]]
    assert bench.failed() == ["p1"]
    (failure,) = [event for event in bench.events if isinstance(event, NodeFailed)]
    assert (failure.error.message, failure.error.inputs) == ("it is 13", {"a": 13})
    assert (bench.values("p0"), bench.values("p2")) == ([2], [6])
    assert [event.batch for event in finished(bench)] == [1, 1]


def test_a_batch_that_runs_out_of_memory_is_halved_and_later_ones_stay_small(bench: Bench) -> None:
    Press.room = 2
    pressed(bench, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 8)
    sizes = [len(batch) for batch in Press.batches]
    assert sizes == [8, 4, 2, 2, 2, 2, 2]
    assert [bench.values(f"p{place}") for place in range(10)] == [[2 * a] for a in range(1, 11)]
    assert {event.batch for event in finished(bench)} == {2}


def test_a_node_that_does_not_fit_into_memory_alone_runs_with_less_memory(bench: Bench) -> None:
    Press.room = 0
    pressed(bench, [1, 2], 2)
    assert Press.batches == [[1, 2], [1], [1], [2], [2]]
    assert bench.failed() == ["p0", "p1"]


def test_cached_results_are_reused_whatever_the_batch(make_bench: MakeBench) -> None:
    bench = make_bench(cache=MemoryCache())
    pressed(bench, [1, 2, 3], 8)
    pressed(bench, [3, 4, 1, 5], 8)
    assert Press.batches == [[1, 2, 3], [4, 5]]
    assert bench.reused() == ["p3", "p5"]
    pressed(bench, [5], 1)
    assert bench.reused() == ["p7"]


def test_nodes_with_the_same_inputs_are_computed_once(make_bench: MakeBench) -> None:
    bench = make_bench(cache=MemoryCache())
    pressed(bench, [1, 2, 1, 1], 8)
    assert Press.batches == [[1, 2]]
    assert bench.reused() == ["p2", "p3"]
    assert [bench.values(f"p{place}") for place in range(4)] == [[2], [4], [2], [2]]


def test_nodes_with_the_same_inputs_as_one_that_failed_fail_too(make_bench: MakeBench) -> None:
    bench = make_bench(cache=MemoryCache())
    pressed(bench, [13, 2, 13], 8)
    assert Press.batches == [[13, 2], [13], [2], [13]]
    assert bench.failed() == ["p0", "p2"]


def test_cancelling_keeps_the_batches_that_are_done() -> None:
    bench = Bench(runner=InlineRunner())  # it waits while an event is read
    bench.invoker.batching = Batching(2)
    bench.grow([node(f"p{a} press", a=a) for a in range(6)])
    run = bench.invoker.run(bench.session.id)
    for event in run:
        if isinstance(event, NodeFinished) and event.node_id == "p1":
            run.cancel()
        last = event
    assert isinstance(last, SessionCancelled)
    assert (bench.values("p0"), bench.values("p1")) == ([0], [2])
    assert not bench.values("p5")
    bench.run()
    assert [bench.values(f"p{a}") for a in range(6)] == [[2 * a] for a in range(6)]


def test_a_node_during_which_the_program_ended_runs_alone(bench: Bench) -> None:
    bench.invoker.batching = Batching(8)
    bench.grow([node(f"p{a} press", a=a) for a in range(3)])
    bench.session.apply(Began("p1", "press", (), 0.0, boot_id()))
    bench.run()
    assert Press.batches == [[1], [0, 2]]


def test_stepping_through_a_session_runs_one_node_at_a_time(bench: Bench) -> None:
    bench.invoker.batching = Batching(8)
    bench.grow([node(f"p{a} press", a=a) for a in range(3)])
    list(bench.invoker.step(bench.session.id))
    assert Press.batches == [[0]]


def test_a_node_that_returns_too_few_outputs_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Press.invoke_many.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Press, "invoke_many", classmethod(lambda cls, items: whole(cls, items)[:1]))
    pressed(bench, [1, 2], 2)
    assert Press.batches == [[1, 2], [1], [2]]
    assert [bench.values("p0"), bench.values("p1")] == [[2], [4]]


def test_a_repeated_node_runs_in_a_batch_of_copies_of_itself(bench: Bench) -> None:
    bench.invoker.batching = Batching(3, repeats=True)
    bench.grow([node("p press", a=4), node("q press", a=5)]).run()
    assert Press.batches == [[4, 4, 4], [5, 5, 5]]
    assert [event.node_id for event in bench.events if isinstance(event, NodeProgress)] == ["p", "q"]
    assert [event.facts for event in finished(bench)] == [{"batch": 3}] * 2


def largest_batch(ref: ModelRef, size: tuple[int, int], node: str, *, wanted: int, free: int | None) -> int:
    if not ref.name:
        raise ServiceError("the model is broken")
    return 3 if free is None else free


def by_memory(
    inputs: dict[str, Any], room: Callable[[], int | None] = lambda: None, **more: Any
) -> tuple[Batches, Any]:
    """Return batches whose size depends on memory, and a step with these inputs; `more`: attributes of the job"""
    models = SimpleNamespace(largest_batch=largest_batch)
    services = SimpleNamespace(models=models)
    job: Any = SimpleNamespace(**{"batching": Batching(BATCH_BY_MEMORY), "services": services, "ahead": None, **more})
    attempt: Any = SimpleNamespace(has_crashed=lambda where: False)
    spec = SimpleNamespace(type="press", batched=("a",), model_bound="model")
    return Batches(job, attempt, print, room), SimpleNamespace(
        spec=spec, inputs={"a": 1, **inputs}, key=None, where=(), step=SimpleNamespace(node_id="n")
    )


@pytest.mark.parametrize(("inputs", "most"), [({"model": ModelRef("m", "m")}, 3), ({}, MOST)], ids=["model", "none"])
def test_memory_decides_how_many_run_at_once(inputs: dict[str, Any], most: int) -> None:
    batches, ready = by_memory(inputs)
    assert [batches.add(ready) and batches.is_full for _ in range(most)] == [False] * (most - 1) + [True]


def test_the_memory_of_workers_decides_how_many_run_at_once_there() -> None:
    rooms = [0, 5, 5, 5, 5, 5]
    batches, ready = by_memory({"model": ModelRef("m", "m")}, lambda: rooms.pop(0))
    assert not batches.add(ready)  # no worker is ready
    assert [batches.add(ready) and batches.is_full for _ in range(5)] == [False] * 4 + [True]


def test_a_group_that_has_become_too_large_for_memory_is_divided(make_bench: MakeBench) -> None:
    batches, ready = by_memory({})
    for _ in range(5):
        batches.add(ready)
    batches.learn(ready, 2)
    assert [len(batches.take()[0]) for _ in range(3)] == [2, 2, 1]
    assert not batches


@pytest.mark.parametrize(("only", "joins"), [({"n"}, True), ({"m"}, False)])
def test_a_node_of_a_later_line_does_not_join_a_batch(only: set[str], joins: bool) -> None:
    batches, ready = by_memory({}, ahead=Ahead(), only=only)
    assert batches.add(ready) is joins


def test_a_node_whose_model_cannot_be_used_runs_alone() -> None:
    batches, ready = by_memory({"model": ModelRef("", "broken")})
    assert not batches.add(ready)
    assert not batches
