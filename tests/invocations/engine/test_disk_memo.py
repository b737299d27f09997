"""Behaviour 104 on the disk: results reused across sessions and processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from invocations.cache.base import Remembered
from invocations.cache.keys import Signer
from invocations.cache.local import GRACE_SECONDS, NAME, DiskMemo, label
from invocations.values import ImageRef, LatentsRef


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def make_memo(tmp_path, files):
    made = []

    def make(*, environment=None, folder=tmp_path / "cache", **more):
        def file_of(name):
            return files / name.replace("/", "-")

        def is_there(ref):
            return not label(ref) or file_of(label(ref)).is_file()

        options = {"max_bytes": 10**6, **more}
        made.append(DiskMemo(folder, Signer(environment), file_of=file_of, is_there=is_there, **options))
        return made[-1]

    yield make
    for memo in made:
        memo.close()


def keep(memo, specs, value, **outputs):
    signature = memo.sign(specs["number"], {"value": value})
    memo.put(signature, Remembered(outputs or {"value": value}, {"fact": value}))
    return signature


def picture(files, name, size=1000, age=2 * GRACE_SECONDS):
    file = files / f"image-{name}"
    file.write_bytes(b"x" * size)
    os.utime(file, (time.time() - age,) * 2)
    return ImageRef(name, 4, 4)


def test_104_a_result_is_there_for_the_next_process(make_memo, specs):
    first = make_memo()
    signature = keep(first, specs, 7)
    first.close()
    assert make_memo().get(signature) == Remembered({"value": 7}, {"fact": 7})


def test_104_sessions_reuse_what_others_gave(make_bench, make_memo, n):
    for reused in ([], ["a", "b"]):
        bench = make_bench(memo=make_memo())
        bench.grow([n("a number", value=1), n("b add", b=2)], "a.value > b.a").run()
        assert bench.reused() == reused
        assert bench.values("b") == [3]


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, float("nan"), object()])
def test_104_what_would_come_back_as_something_else_is_not_kept(make_memo, specs, value):
    memo = make_memo()
    assert memo.get(keep(memo, specs, 1, found=value)) is None
    assert memo.stored().entries == 0


def test_104_references_come_back_as_they_were(make_memo, specs, files):
    memo = make_memo()
    (files / "tensors-b").write_bytes(b"x")
    outputs = {"list": [picture(files, "a")], "latents": LatentsRef("b", 8, 8, 7), "text": "fox", "none": None}
    assert memo.get(keep(memo, specs, 1, **outputs)).outputs == outputs


def test_104_an_entry_whose_file_is_gone_is_a_miss(make_memo, specs, files):
    memo = make_memo()
    signature = keep(memo, specs, 1, image=picture(files, "fox"))
    assert memo.get(signature) is not None
    (files / "image-fox").unlink()
    assert memo.get(signature) is None
    assert memo.why(specs["number"], {"value": 1}) == "what it gave is no longer kept"


def test_104_what_was_used_least_recently_goes_first_with_its_files(make_memo, specs, files):
    clock = iter(range(1000))
    memo = make_memo(max_bytes=4200, now=lambda: next(clock))
    keys = [keep(memo, specs, at, image=picture(files, f"p{at}")) for at in range(3)]
    assert memo.get(keys[0]) is not None
    keys.append(keep(memo, specs, 3, image=picture(files, "p3")))
    assert [memo.get(key) is not None for key in keys] == [True, False, True, True]
    assert sorted(file.name for file in files.iterdir()) == ["image-p0", "image-p2", "image-p3"]
    assert memo.stored().bytes <= 4200


def test_104_a_file_that_another_entry_needs_stays(make_memo, specs, files):
    clock = iter(range(1000))
    memo = make_memo(max_bytes=3000, now=lambda: next(clock))
    shared = picture(files, "shared")
    keep(memo, specs, 1, image=shared)
    last = keep(memo, specs, 2, image=shared)
    keep(memo, specs, 3, text="x" * 700)
    assert memo.get(last) is not None
    assert (files / "image-shared").is_file()


def test_104_a_file_that_is_new_may_be_in_use_elsewhere_and_stays(make_memo, specs, files):
    memo = make_memo(max_bytes=500)
    keep(memo, specs, 1, image=picture(files, "young", age=0))
    assert memo.stored().entries == 0
    assert (files / "image-young").is_file()


def test_104_a_file_that_was_not_written_yet_counts_later(make_memo, specs, files):
    memo = make_memo()
    keep(memo, specs, 1, image=ImageRef("late", 4, 4))
    before = memo.stored().bytes
    picture(files, "late", size=12345)
    assert memo.stored().bytes == before + 12345


def test_104_clearing_removes_entries_and_files_and_tells_how_much(make_memo, specs, files):
    memo = make_memo()
    signature = keep(memo, specs, 1, image=picture(files, "fox", age=0))
    size = memo.stored().bytes
    assert size > 1000
    assert memo.clear() == size
    assert memo.get(signature) is None
    assert list(files.iterdir()) == []
    assert memo.stored().entries == memo.stored().bytes == 0


def test_104_uses_are_counted(make_memo, specs):
    memo = make_memo()
    signature = keep(memo, specs, 1)
    for _ in range(300):
        memo.get(signature)
    memo.close()
    assert make_memo().stored().hits == 300


@pytest.mark.parametrize("damage", [b"this is no database, it is a text of some length" * 100, b"SQLite format 3\0"])
def test_104_a_damaged_index_is_begun_anew_with_a_warning(make_memo, specs, tmp_path, damage):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / NAME).write_bytes(damage)
    warnings = []
    memo = make_memo(warn=warnings.append)
    assert memo.get(memo.sign(specs["number"], {"value": 1})) is None
    assert memo.get(keep(memo, specs, 1)) is not None
    assert len(warnings) == 1
    assert "begun anew" in warnings[0]


def test_104_an_index_damaged_in_the_middle_ends_no_run(make_memo, specs, tmp_path):
    memo = make_memo()
    for value in range(200):
        keep(memo, specs, value)
    memo.close()
    index = tmp_path / "cache" / NAME
    with index.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(index.stat().st_size - 4096))
    warnings = []
    memo = make_memo(warn=warnings.append)
    assert memo.get(keep(memo, specs, 1000)) in (None, Remembered({"value": 1000}, {"fact": 1000}))
    assert memo.get(keep(memo, specs, 1001)) == Remembered({"value": 1001}, {"fact": 1001})
    assert len(warnings) == 1


def test_104_a_damaged_entry_is_a_miss(make_memo, specs, tmp_path):
    import sqlite3
    from contextlib import closing

    memo = make_memo()
    signature = keep(memo, specs, 1)
    memo.close()
    with closing(sqlite3.connect(tmp_path / "cache" / NAME)) as index, index:
        index.execute("update entries set result = '[1'")
    assert make_memo().get(signature) is None
    assert make_memo().why(specs["number"], {"value": 1}) == "what it gave is no longer kept"


def test_104_a_folder_that_cannot_be_used_costs_only_reuse_by_others(make_memo, specs, tmp_path):
    (tmp_path / "file").write_text("in the way")
    warnings = []
    memo = make_memo(folder=tmp_path / "file", warn=warnings.append)
    signature = keep(memo, specs, 1)
    assert memo.get(signature) == Remembered({"value": 1}, {"fact": 1})
    assert len(warnings) == 1
    assert memo.why(specs["number"], {"value": 2}) == "never run with these inputs; nearest: `value` was 1, now 2"


def test_104_a_miss_names_the_field(make_memo, specs, tmp_path):
    memo = make_memo(environment={"torch": "2.12"})
    assert memo.why(specs["number"], {"value": 1}) == "no `number` is remembered"
    for value in (1, 5):
        keep(memo, specs, value)
    assert memo.why(specs["number"], {"value": 1}) == "it would be reused"
    assert memo.why(specs["number"], {"value": 2}) == "never run with these inputs; nearest: `value` was 5, now 2"
    memo.close()
    later = make_memo(environment={"torch": "2.13"})
    why = later.why(specs["number"], {"value": 1})
    assert why == "never run with these inputs; nearest: torch was 2.12, now 2.13"


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from conftest import FakeCatalog
from invocations.cache.local import DiskMemo
from invocations.cache.base import Remembered
from invocations.cache.keys import Signer
memo = DiskMemo(Path(sys.argv[2]), Signer(), max_bytes=10**8, file_of=lambda name: Path(sys.argv[2], name))
spec = FakeCatalog.specs["number"]
for value in range(int(sys.argv[3]), int(sys.argv[3]) + 500):
    memo.put(memo.sign(spec, {"value": value}), Remembered({"value": value}, {}))
    assert memo.get(memo.sign(spec, {"value": value})) is not None
memo.close()
"""


def test_104_two_processes_that_write_at_once_lose_nothing(make_memo, specs, tmp_path):
    words = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(tmp_path / "cache")]
    both = [subprocess.Popen([*words, str(start)], stderr=subprocess.PIPE) for start in (0, 400)]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    memo = make_memo()
    assert memo.stored().entries == 900
    assert memo.stored().hits == 1000
    signatures = [memo.sign(specs["number"], {"value": value}) for value in range(900)]
    assert all(memo.get(signature) for signature in signatures)
