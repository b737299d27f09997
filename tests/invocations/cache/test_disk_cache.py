"""Behavior 104 on disk: results are reused across sessions and processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from invocations.cache.base import CachedResult
from invocations.cache.keys import Signer
from invocations.cache.local import GRACE_SECONDS, NAME, DiskCache, label
from invocations.values import ImageRef, LatentsRef


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def make_cache(tmp_path, files):
    made = []

    def make(*, environment=None, folder=tmp_path / "cache", **more):
        def file_of(name):
            return files / name.replace("/", "-")

        def is_there(ref):
            return not label(ref) or file_of(label(ref)).is_file()

        options = {"max_bytes": 10**6, **more}
        made.append(DiskCache(folder, Signer(environment), file_of=file_of, is_there=is_there, **options))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def keep(cache, specs, value, **outputs):
    signature = cache.sign(specs["number"], {"value": value})
    cache.put(signature, CachedResult(outputs or {"value": value}, {"fact": value}))
    return signature


def picture(files, name, size=1000, age=2 * GRACE_SECONDS):
    file = files / f"image-{name}"
    file.write_bytes(b"x" * size)
    os.utime(file, (time.time() - age,) * 2)
    return ImageRef(name, 4, 4)


def test_104_a_result_is_available_to_the_next_process(make_cache, specs):
    first = make_cache()
    signature = keep(first, specs, 7)
    first.close()
    assert make_cache().get(signature) == CachedResult({"value": 7}, {"fact": 7})


def test_104_sessions_reuse_results_from_other_sessions(make_bench, make_cache, n):
    for reused in ([], ["a", "b"]):
        bench = make_bench(cache=make_cache())
        bench.grow([n("a number", value=1), n("b add", b=2)], "a.value > b.a").run()
        assert bench.reused() == reused
        assert bench.values("b") == [3]


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, float("nan"), object()])
def test_104_a_value_that_json_would_change_is_not_cached(make_cache, specs, value):
    cache = make_cache()
    assert cache.get(keep(cache, specs, 1, found=value)) is None
    assert cache.stored().entries == 0


def test_104_references_survive_the_cache_unchanged(make_cache, specs, files):
    cache = make_cache()
    (files / "tensors-b").write_bytes(b"x")
    outputs = {"list": [picture(files, "a")], "latents": LatentsRef("b", 8, 8, 7), "text": "fox", "none": None}
    assert cache.get(keep(cache, specs, 1, **outputs)).outputs == outputs


def test_104_an_entry_whose_file_is_gone_is_a_cache_miss(make_cache, specs, files):
    cache = make_cache()
    signature = keep(cache, specs, 1, image=picture(files, "fox"))
    assert cache.get(signature) is not None
    (files / "image-fox").unlink()
    assert cache.get(signature) is None
    assert cache.why(specs["number"], {"value": 1}) == "the result is no longer in the cache"


def test_104_the_least_recently_used_entry_is_evicted_with_its_files(make_cache, specs, files):
    clock = iter(range(1000))
    cache = make_cache(max_bytes=4200, now=lambda: next(clock))
    keys = [keep(cache, specs, at, image=picture(files, f"p{at}")) for at in range(3)]
    assert cache.get(keys[0]) is not None
    keys.append(keep(cache, specs, 3, image=picture(files, "p3")))
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]
    assert sorted(file.name for file in files.iterdir()) == ["image-p0", "image-p2", "image-p3"]
    assert cache.stored().bytes <= 4200


@pytest.mark.parametrize("cleared", [True, False])
def test_interrupted_removal_leaves_no_file_that_no_entry_names(make_cache, specs, files, monkeypatch, cleared):
    cache = make_cache()
    for at in range(4):
        keep(cache, specs, at, image=picture(files, f"p{at}"))
    unlink, removed = os.unlink, []

    def interrupt(file):
        if removed:
            raise KeyboardInterrupt
        removed.append(unlink(file))

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", interrupt)
        with pytest.raises(KeyboardInterrupt):
            cache.clear() if cleared else keep(make_cache(max_bytes=1), specs, 5)
    assert len(list(files.iterdir())) == 3
    make_cache().clear()
    assert list(files.iterdir()) == []


def test_104_a_file_that_another_entry_needs_is_not_removed(make_cache, specs, files):
    clock = iter(range(1000))
    cache = make_cache(max_bytes=3000, now=lambda: next(clock))
    shared = picture(files, "shared")
    keep(cache, specs, 1, image=shared)
    last = keep(cache, specs, 2, image=shared)
    keep(cache, specs, 3, text="x" * 700)
    assert cache.get(last) is not None
    assert (files / "image-shared").is_file()


def test_104_a_new_file_that_may_be_in_use_elsewhere_is_not_removed(make_cache, specs, files):
    cache = make_cache(max_bytes=500)
    keep(cache, specs, 1, image=picture(files, "young", age=0))
    assert cache.stored().entries == 0
    assert (files / "image-young").is_file()


def test_104_the_size_of_a_file_is_included_only_after_the_file_has_been_written(make_cache, specs, files):
    cache = make_cache()
    keep(cache, specs, 1, image=ImageRef("late", 4, 4))
    before = cache.stored().bytes
    picture(files, "late", size=12345)
    assert cache.stored().bytes == before + 12345


def test_104_clearing_removes_entries_and_files_and_returns_the_number_of_bytes_freed(make_cache, specs, files):
    cache = make_cache()
    signature = keep(cache, specs, 1, image=picture(files, "fox", age=0))
    size = cache.stored().bytes
    assert size > 1000
    assert cache.clear() == size
    assert cache.get(signature) is None
    assert list(files.iterdir()) == []
    assert cache.stored().entries == cache.stored().bytes == 0


def test_104_the_uses_of_cached_results_are_counted(make_cache, specs):
    cache = make_cache()
    signature = keep(cache, specs, 1)
    for _ in range(300):
        cache.get(signature)
    cache.close()
    assert make_cache().stored().hits == 300


@pytest.mark.parametrize("damage", [b"this is no database, it is a text of some length" * 100, b"SQLite format 3\0"])
def test_104_a_damaged_index_is_replaced_with_a_warning(make_cache, specs, tmp_path, damage):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / NAME).write_bytes(damage)
    warnings = []
    cache = make_cache(warn=warnings.append)
    assert cache.get(cache.sign(specs["number"], {"value": 1})) is None
    assert cache.get(keep(cache, specs, 1)) is not None
    assert len(warnings) == 1
    assert "a new index was created" in warnings[0]


def test_104_an_index_damaged_in_the_middle_does_not_stop_a_run(make_cache, specs, tmp_path):
    cache = make_cache()
    for value in range(200):
        keep(cache, specs, value)
    cache.close()
    index = tmp_path / "cache" / NAME
    with index.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(index.stat().st_size - 4096))
    warnings = []
    cache = make_cache(warn=warnings.append)
    assert cache.get(keep(cache, specs, 1000)) in (None, CachedResult({"value": 1000}, {"fact": 1000}))
    assert cache.get(keep(cache, specs, 1001)) == CachedResult({"value": 1001}, {"fact": 1001})
    assert len(warnings) == 1


def test_a_file_with_an_undecodable_name_is_hashed_once_and_does_not_damage_the_index(make_cache, specs, tmp_path):
    warnings = []
    cache = make_cache(warn=warnings.append)
    signature = keep(cache, specs, 1)
    file = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(file, "wb") as opened:
        opened.write(b"pixels")
    path = os.fsdecode(file)
    keys = [each.sign(specs["reader"], {"path": path}) for each in (cache, make_cache(warn=warnings.append))]
    assert [key.files["path"] for key in keys] == [(hashlib.sha256(b"pixels").hexdigest(), path)] * 2
    assert cache.get(signature) == CachedResult({"value": 1}, {"fact": 1})
    assert warnings == []


def test_104_a_damaged_entry_is_a_cache_miss(make_cache, specs, tmp_path):
    import sqlite3
    from contextlib import closing

    cache = make_cache()
    signature = keep(cache, specs, 1)
    cache.close()
    with closing(sqlite3.connect(tmp_path / "cache" / NAME)) as index, index:
        index.execute("update entries set result = '[1'")
    assert make_cache().get(signature) is None
    assert make_cache().why(specs["number"], {"value": 1}) == "the result is no longer in the cache"


def test_104_without_a_usable_folder_results_are_cached_in_memory(make_cache, specs, tmp_path):
    (tmp_path / "file").write_text("in the way")
    warnings = []
    cache = make_cache(folder=tmp_path / "file", warn=warnings.append)
    signature = keep(cache, specs, 1)
    assert cache.get(signature) == CachedResult({"value": 1}, {"fact": 1})
    assert len(warnings) == 1
    assert (
        cache.why(specs["number"], {"value": 2})
        == "never run with these inputs; closest earlier run: `value` was 1, now 2"
    )


def test_104_a_cache_miss_names_the_most_similar_result_and_the_difference(make_cache, specs, tmp_path):
    cache = make_cache(environment={"torch": "2.12"})
    assert cache.why(specs["number"], {"value": 1}) == "no result of `number` is cached"
    for value in (1, 5):
        keep(cache, specs, value)
    assert cache.why(specs["number"], {"value": 1}) == "the result is cached"
    assert (
        cache.why(specs["number"], {"value": 2})
        == "never run with these inputs; closest earlier run: `value` was 5, now 2"
    )
    cache.close()
    later = make_cache(environment={"torch": "2.13"})
    why = later.why(specs["number"], {"value": 1})
    assert why == "never run with these inputs; closest earlier run: torch was 2.12, now 2.13"


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.invocations.kitchen import FakeCatalog
from invocations.cache.local import DiskCache
from invocations.cache.base import CachedResult
from invocations.cache.keys import Signer
cache = DiskCache(Path(sys.argv[2]), Signer(), max_bytes=10**8, file_of=lambda name: Path(sys.argv[2], name))
spec = FakeCatalog.specs["number"]
for value in range(int(sys.argv[3]), int(sys.argv[3]) + 500):
    cache.put(cache.sign(spec, {"value": value}), CachedResult({"value": value}, {}))
    assert cache.get(cache.sign(spec, {"value": value})) is not None
cache.close()
"""


def test_104_two_processes_that_write_at_the_same_time_lose_no_result(make_cache, specs, tmp_path):
    words = [sys.executable, "-c", WRITER, str(Path(__file__).parents[3]), str(tmp_path / "cache")]
    both = [subprocess.Popen([*words, str(start)], stderr=subprocess.PIPE) for start in (0, 400)]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    cache = make_cache()
    assert cache.stored().entries == 900
    assert cache.stored().hits == 1000
    signatures = [cache.sign(specs["number"], {"value": value}) for value in range(900)]
    assert all(cache.get(signature) for signature in signatures)
