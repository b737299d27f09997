"""Behavior 104: a result is reused if the content of all inputs is the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from invocations.cache.base import CachedResult, MemoryCache
from invocations.cache.keys import Signer, refs_in
from invocations.values import ImageRef, MaskRef, ModelRef
from tests.invocations.kitchen import FakeCatalog


def chain(n):
    return [n("a number", value=1), n("b add", b=2)], "a.value > b.a"


def test_104_results_are_reused_if_all_inputs_are_the_same(make_bench, n):
    bench = make_bench(cache=MemoryCache())
    nodes, *edges = chain(n)
    assert bench.grow(nodes, *edges).run().reused() == []
    bench.session = bench.invoker.create()
    assert bench.grow(nodes, *edges).run().reused() == ["a", "b"]
    assert bench.values("b") == [3]
    bench.grow([n("c add", a=1, b=2), n("d add", a=1, b=3), n("f add", b=0, a=1), n("g add", a=1)]).run()
    assert bench.reused() == ["c", "g"]


def test_104_no_result_is_reused_if_reuse_is_turned_off(make_bench, n):
    bench = make_bench(cache=MemoryCache())
    bench.grow([n("a number", value=1)]).run()
    assert bench.grow([n("b number", value=1)]).run(reuse=False).reused() == []
    assert bench.grow([n("c number", value=1)]).run().reused() == ["c"]


def test_104_a_node_is_recomputed_on_request_and_the_cached_results_of_other_nodes_are_reused(make_bench, n):
    bench = make_bench(cache=MemoryCache())
    nodes, *edges = chain(n)
    bench.grow(nodes, *edges).run()
    for recompute, reused in ((["a"], ["b"]), (["b"], ["a"]), (["a", "b"], []), ([], ["a", "b"])):
        bench.session = bench.invoker.create()
        assert bench.grow(nodes, *edges).run(recompute=recompute).reused() == reused
        assert bench.ran() == ["a", "b"]


def test_104_a_recomputed_result_replaces_the_cached_one(make_bench, n):
    cache = MemoryCache()
    bench = make_bench(cache=cache)
    bench.grow([n("a number", value=1)]).run()
    signature = cache.sign(FakeCatalog.specs["number"], {"value": 1})
    # an entry written by an earlier version, in which the node was cacheable
    cache.put(signature, CachedResult({"value": 7}, {}))
    assert bench.grow([n("b number", value=1)]).run().values("b") == [7]
    assert bench.grow([n("c number", value=1)]).run(recompute=["c"]).values("c") == [1]
    assert bench.grow([n("d number", value=1)]).run().values("d") == [1]


def test_104_a_node_that_depends_on_more_than_its_inputs_is_never_reused(make_bench, n):
    cache = MemoryCache()
    bench = make_bench(cache=cache)
    bench.grow([n("a clock"), n("b clock")]).run()
    assert bench.reused() == []
    assert len(cache) == 0


def test_104_a_failure_is_not_cached(make_bench, n, cure):
    bench = make_bench(cache=MemoryCache())
    bench.grow([n("a picky", a=13)]).run()
    cure()
    bench.grow([n("b picky", a=13)]).run()
    assert bench.ran() == ["b"]
    assert bench.reused() == []


def test_104_a_file_is_compared_by_its_content(make_bench, n, tmp_path):
    bench = make_bench(cache=MemoryCache())
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("fox", encoding="utf-8")
    other.write_text("fox", encoding="utf-8")
    bench.grow([n("a reader", path=str(one))]).run()
    bench.grow([n("b reader", path=str(one)), n("c reader", path=str(other))]).run()
    assert bench.reused() == ["b", "c"]
    one.write_text("den!", encoding="utf-8")
    bench.grow([n("d reader", path=str(one))]).run()
    assert bench.reused() == []
    assert bench.values("d", "text") == ["den!"]
    assert bench.grow([n("f reader", path=str(tmp_path / "none.txt"))]).run().failed() == ["f"]


def test_104_the_least_recently_used_result_is_evicted_first(specs):
    cache = MemoryCache(max_bytes=3 * 130)
    keys = [cache.sign(specs["number"], {"value": value}) for value in range(4)]
    for key in keys[:3]:
        cache.put(key, CachedResult({"value": 1}, {}))
    assert cache.get(keys[0]) is not None
    cache.put(keys[3], CachedResult({"value": 1}, {}))
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]
    assert cache.size_bytes <= 3 * 130
    cache.put(keys[1], CachedResult({"value": "x" * 1000}, {}))
    assert cache.get(keys[1]) is None
    cache.clear()
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_104_a_result_whose_content_is_gone_is_a_cache_miss(specs):
    there = {"fox"}
    cache = MemoryCache(is_there=lambda ref: ref.name in there)
    key = cache.sign(specs["stencil"], {})
    cache.put(key, CachedResult({"mask": MaskRef("fox")}, {}))
    assert cache.get(key).outputs == {"mask": MaskRef("fox")}
    there.clear()
    assert cache.why(specs["stencil"], {}) == "the result is no longer in the cache"
    assert cache.get(key) is None
    assert len(cache) == 0


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"a": 1, "b": 2}, "the result is cached"),
        ({"a": 1, "b": 3}, "never run with these inputs; closest earlier run: `b` was 2, now 3"),
        ({"a": 1}, "never run with these inputs; closest earlier run: `b` was 2, now 0"),
    ],
)
def test_104_a_cache_miss_is_explained(specs, inputs, why):
    cache = MemoryCache()
    for a in (1, 5):
        cache.put(cache.sign(specs["add"], {"a": a, "b": a + 1}), CachedResult({"value": 3}, {}))
    assert cache.why(specs["add"], inputs) == why


def test_104_a_cache_miss_without_a_similar_result_or_after_a_file_change_is_explained(specs, tmp_path):
    cache = MemoryCache()
    assert cache.why(specs["add"], {"a": 1}) == "no result of `add` is cached"
    assert cache.why(specs["clock"], {}) == "`clock` depends on more than its inputs, so its results are never cached"
    file = tmp_path / "x.txt"
    file.write_text("1", encoding="utf-8")
    cache.put(cache.sign(specs["reader"], {"path": str(file)}), CachedResult({"text": "1"}, {}))
    file.write_text("22", encoding="utf-8")
    why = cache.why(specs["reader"], {"path": str(file)})
    assert why == "never run with these inputs; closest earlier run: the file in `path` has changed"


def test_settings_recorded_with_a_result_are_kept_in_the_cached_result(make_bench, n, records):
    bench = make_bench(cache=MemoryCache())
    for i in range(2):
        bench.grow(
            [n(f"m{i} model", name="fox"), n(f"p{i} paint"), n(f"v{i} develop"), n(f"k{i} keep")],
            f"m{i}.model > p{i}.model", f"m{i}.model > v{i}.model", f"p{i}.latents > v{i}.latents",
            f"v{i}.image > k{i}.image",
        ).run()  # fmt: skip
    assert bench.reused() == ["m1", "p1", "v1"]
    assert records[1].facts["steps"] == records[0].facts["steps"] == 20


def test_a_reference_is_compared_by_its_content(specs):
    signer = Signer()

    def key(image):
        return signer.sign(specs["width"], {"image": image}).key

    assert key(ImageRef("a", 1, 1, "x.png")) == key(ImageRef("a", 1, 1, "y.png"))
    assert key(ImageRef("a")) != key(ImageRef("b"))
    assert key(ImageRef("a")) != key(MaskRef("a"))
    assert signer.sign(specs["paint"], {"model": ModelRef("h", "one", "/a")}) is not None


def test_the_cache_key_covers_the_type_and_version_of_the_node_and_the_environment(specs):
    spec = specs["number"]
    inputs = {"value": 1}
    keys = {
        Signer().sign(spec, inputs).key,
        Signer().sign(replace(spec, type="other"), inputs).key,
        Signer().sign(replace(spec, version="9.9.9"), inputs).key,
        Signer({"device": "cpu"}).sign(spec, inputs).key,
        Signer({"device": "cuda"}).sign(spec, inputs).key,
    }
    assert len(keys) == 5
    assert Signer().sign(replace(spec), {"value": 1}).key == Signer().sign(spec, inputs).key


def test_the_cache_key_covers_the_content_of_a_model(specs):
    spec = replace(specs["model"], inputs=(replace(specs["model"].inputs[0], completes="model"),))
    one, other = (
        Signer(find_model=lambda name, fingerprint=fingerprint: ModelRef(fingerprint, name)) for fingerprint in "ab"
    )
    assert one.sign(spec, {"name": "fox"}).key != other.sign(spec, {"name": "fox"}).key
    assert Signer().sign(spec, {"name": "fox"}) is None


def test_a_node_that_would_pick_a_random_seed_has_no_cache_key(specs):
    assert Signer().sign(specs["dice"], {}) is None
    assert Signer().sign(specs["dice"], {"seed": 1}).key != Signer().sign(specs["dice"], {"seed": 2}).key


def test_the_cache_key_covers_the_source_of_a_plug_in(specs, tmp_path):
    source = tmp_path / "own.py"
    spec = replace(specs["number"], origin=str(source))
    keys = set()
    for text in ("a = 1", "a = 22", ""):
        source.write_text(text)
        keys.add(Signer().sign(spec, {"value": 1}).key)
    assert len(keys | {Signer().sign(specs["number"], {"value": 1}).key}) == 4


def test_the_cache_key_covers_the_device_only_for_nodes_with_references(specs):
    cpu, cuda = (Signer(computing=lambda device=device: {"device": device}) for device in ("cpu", "cuda"))
    image = {"image": MaskRef("name")}
    assert cpu.sign(specs["width"], image).key != cuda.sign(specs["width"], image).key
    assert cpu.sign(specs["number"], {"value": 1}).key == cuda.sign(specs["number"], {"value": 1}).key
    assert dict(cuda.sign(specs["width"], image).environment) == {"device": "cuda"}


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from tests.invocations.kitchen import FakeCatalog
from invocations.cache.keys import Signer
from invocations.values import MaskRef
spec = FakeCatalog.specs["width"]
print(Signer(dict(b="2", a="1")).sign(spec, dict(image=MaskRef("name"))).key)
"""


def test_a_cache_key_is_the_same_in_every_process(specs):
    from pathlib import Path

    script = SCRIPT.format(here=str(Path(__file__).parents[3]))
    keys = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert keys == {Signer({"a": "1", "b": "2"}).sign(specs["width"], {"image": MaskRef("name")}).key}


def test_references_are_found_at_any_depth():
    a, b, c = ImageRef("a"), MaskRef("b"), ImageRef("c")
    assert set(refs_in({"x": [a, {"y": (b,)}], "z": c, "n": 1})) == {a, b, c}
