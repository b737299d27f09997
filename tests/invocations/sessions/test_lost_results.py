"""Results whose content is lost are recomputed only if an unfinished node needs them."""

from __future__ import annotations

import json

import pytest

from invocations.sessions.journal import Forgotten
from invocations.storing.entries import entry_from_json, entry_to_json
from tests.invocations.sessions.killed import InlineRunner


@pytest.fixture
def stopped(make_bench, n):
    """Return a function that stops a loop of four images, drops the results named in `lost`, and resumes the loop."""

    def make(*lost, after):
        bench = make_bench(runner=InlineRunner())
        bench.grow(
            [n("m model", name="fox"), n("i iterate", collection=[0, 1, 2, 3]), n("p paint"), n("d develop"),
             n("w width"), n("c collect")],
            "m.model > p.model", "i.item > p.a", "p.latents > d.latents", "m.model > d.model", "d.image > w.image",
            "w.value > c.item",
        )  # fmt: skip
        bench.run(only=["p"])
        if after[0] == "w":
            bench.run(only=["d"])
        run = bench.invoker.run(bench.session.id)
        for event in run:
            if event.event == "node_finished" and (event.node_id, event.path) == after:
                run.cancel()
        bench.reopen()
        bench.invoker.services.is_there = lambda ref: ref.name not in lost
        bench.run(only=["c"])
        assert bench.values("c", "collection") == [[64] * 4]
        return bench

    return make


def test_only_the_lost_image_of_a_loop_is_recomputed(stopped):
    ran = stopped("picture of hash-of-fox-2", "hash-of-fox-2", "picture of hash-of-fox-0", after=("w", (0,))).ran()
    assert ran == ["w(1)", "p(2)", "d(2)", "w(2)", "w(3)", "c"]


def test_a_lost_image_of_a_node_that_has_not_finished_its_loop_is_recomputed(stopped):
    ran = stopped("picture of hash-of-fox-1", after=("d", (1,))).ran()
    assert ran == ["d(1)", "w(1)", "d(2)", "w(2)", "d(3)", "w(3)", "c"]


def test_a_lost_result_that_no_node_needs_is_not_recomputed(stopped):
    assert stopped("hash-of-fox-0", "hash-of-fox-1", after=("w", (1,))).ran() == ["w(2)", "w(3)", "c"]


@pytest.mark.parametrize(
    "entry", [Forgotten(("a",)), Forgotten(("a", "b"), (("a", (0, 1)), ("b", ()))), Forgotten((), ())]
)
def test_the_log_entry_for_dropped_results_survives_a_json_round_trip(entry):
    assert entry_from_json(json.loads(json.dumps(entry_to_json(entry))), "s") == entry


def test_a_log_entry_written_by_version_0_1_0_drops_all_results_of_its_nodes(bench, n):
    bench.grow([n("i iterate", collection=[1, 2]), n("a add", b=1)], "i.item > a.a").run()
    bench.session.apply(entry_from_json({"entry": "forgotten", "nodes": ["a"]}, bench.session.id))
    assert bench.run().ran() == ["a(0)", "a(1)"]
