"""If memory runs out, models are unloaded, and the node runs again in slices."""

from __future__ import annotations

import sys

import pytest

from invocations.cache.base import MemoryCache
from invocations.running.failures import describe, ran_out_of_memory
from invocations.services.errors import ServiceError
from invocations.values import LatentsRef


class OutOfMemoryError(RuntimeError):
    """An error with the same name as torch's out-of-memory error."""


def test_a_node_runs_again_in_slices(any_bench, n):
    any_bench.grow([n("a hungry", a=500), n("b add", b=1)], "a.value > b.a").run()
    assert [event.event for event in any_bench.events] == [
        "node_started", "node_retried", "node_finished", "node_started", "node_finished", "session_finished",
    ]  # fmt: skip
    again, made = any_bench.events[1:3]
    assert again.reason.startswith("out of memory: ")
    assert (dict(made.facts), made.reused) == ({"in_pieces": True}, False)
    assert any_bench.values("b") == [502]
    assert any_bench.reopen().session.facts(("a", ())) == {"in_pieces": True}


def test_if_running_in_slices_fails_as_well_only_that_item_fails(any_bench, n):
    any_bench.grow(
        [n("i iterate", collection=[1, 5000, 200]), n("h hungry"), n("b add", b=1), n("z number", value=1)],
        "i.item > h.a", "h.value > b.a",
    ).run()  # fmt: skip
    assert any_bench.failed() == ["h(1)"]
    assert set(any_bench.skipped()) == {"b(1)"}
    assert any_bench.values("b") == [3, 202]
    assert [event.path for event in any_bench.events if event.event == "node_retried"] == [(1,), (2,)]
    error = any_bench.session.errors["h", (1,)]
    assert (error.code, error.hint) == ("out_of_memory", "make the image smaller, or close other programs")


def test_a_sliced_result_is_not_cached_but_the_results_of_later_nodes_are(make_bench, n):
    bench = make_bench(cache=MemoryCache())
    for prefix, reused in (("a", []), ("b", ["b2"])):
        bench.grow([n(f"{prefix}1 hungry", a=500), n(f"{prefix}2 add", b=1)], f"{prefix}1.value > {prefix}2.a").run()
        assert bench.reused() == reused
    assert bench.grow([n("c hungry", a=5)]).run().grow([n("d hungry", a=5)]).run().reused() == ["d"]


def test_the_result_of_a_node_that_succeeds_after_models_are_unloaded_is_cached(make_bench, n):
    bench = make_bench(cache=MemoryCache())
    loaded = bench.invoker.catalog.load("crowded").loaded
    loaded.append("a model")
    bench.grow([n("a crowded", a=1)]).run()
    assert [event.event for event in bench.events[:3]] == ["node_started", "node_retried", "node_finished"]
    assert (loaded, dict(bench.events[2].facts)) == ([], {})
    assert bench.grow([n("b crowded", a=1)]).run().reused() == ["b"]


def test_the_memory_of_the_first_attempt_is_released_before_the_second_attempt(bench, n, monkeypatch):
    import weakref

    class Large:
        """An object that a node created before memory ran out."""

    held: list[weakref.ref[Large]] = []
    seen: list[bool] = []
    hungry = bench.invoker.catalog.load("hungry")

    def work(self, context):
        if context.low_memory:
            seen.append(held[0]() is None)
            return original(self, context)
        large = Large()
        held.append(weakref.ref(large))
        raise MemoryError

    original = hungry.invoke
    monkeypatch.setattr(hungry, "invoke", work)
    bench.grow([n("a hungry", a=1)]).run()
    assert seen == [True]


def test_a_node_that_ends_the_program_fails_like_any_other(any_bench, n, monkeypatch):
    hungry = any_bench.invoker.catalog.load("hungry")
    monkeypatch.setattr(hungry, "invoke", lambda node, context: sys.exit(3))
    any_bench.grow([n("a hungry", a=1), n("b add", a=1, b=1)]).run()
    assert (any_bench.failed(), any_bench.values("b")) == (["a"], [2])
    error = any_bench.session.errors["a", ()]
    assert (error.type, error.message, error.code) == ("SystemExit", "it called `sys.exit(3)`", "node_failed")


def test_a_signal_that_ends_the_program_is_not_a_failure_of_the_node(any_bench, n, monkeypatch):
    class Terminated(SystemExit):
        """What the handler of a signal raises."""

    def work(node, context):
        raise Terminated(143)

    monkeypatch.setattr(any_bench.invoker.catalog.load("hungry"), "invoke", work)
    with pytest.raises(Terminated):
        any_bench.grow([n("a hungry", a=1)]).run()


@pytest.mark.parametrize(
    ("error", "out"),
    [
        (MemoryError(), True),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2.50 GiB"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4096 bytes"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4096 bytes"), True),
        (ServiceError("cpu has no memory left", code="out_of_memory"), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("not enough memory"), False),
        (ServiceError("no", code="bad_size"), False),
    ],
)
def test_every_out_of_memory_error_is_recognized(error, out):
    assert ran_out_of_memory(error) is out
    assert (describe(error, {}).code == "out_of_memory") is out


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (MemoryError(), "make the image smaller, or close other programs (it is 640x480)"),
        (ServiceError("none left", "make it smaller", code="out_of_memory"), "make it smaller (it is 640x480)"),
    ],
)
def test_the_hint_of_an_out_of_memory_error_states_the_image_size(error, hint):
    inputs = {"steps": 3, "noise": LatentsRef("a" * 64, 640, 480), "latents": [LatentsRef("b" * 64, 64, 64)]}
    assert describe(error, inputs).hint == hint
