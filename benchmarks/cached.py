"""Measure a cached line in a new process against bare Python, and lookups among 100,000 cached results."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, own_environment, temporary_home
from invocations.cache.base import CachedResult
from invocations.cache.index import Index
from invocations.cache.index import Row as Entry
from invocations.cache.keys import Signer
from invocations.cache.local import DiskCache
from invocations.catalog.registry import open_registry

BAR, STORE_BAR = 15.0, 1.0
ENTRIES, ASKED = 100_000, 1000
LINES = {
    "t2i | scale | save, cached": "t2i a red fox --seed 7 --steps 4 | scale 2 | save fox.png --overwrite",
    "add | mul, cached": "add 1 2 | mul 5",
}


def rows() -> Iterator[Row]:
    """Measure lines whose results are cached, and one lookup in a full cache."""
    with temporary_home() as home:
        for line in LINES.values():
            subprocess.run(
                (*INVOKEAI, line), env=own_environment(home), cwd=home, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        commands = [(PYTHON, "-c", "pass"), *((*INVOKEAI, line) for line in LINES.values())]
        bare, *figures = in_turn([partial(cpu_ms, command, home) for command in commands], runs=9)
        for what, figure in zip(LINES, figures, strict=True):
            yield Row(what, figure, bare, BAR)
    with temporary_home() as home:
        yield from _full_store(Path(home))


def _full_store(folder: Path) -> Iterator[Row]:
    """Fill a cache and compare the wall-clock time of hits, misses and new entries with one millisecond."""
    cache = DiskCache(folder, Signer(), max_bytes=10**12, file_of=folder.joinpath)
    spec = open_registry().spec("add")
    assert spec is not None
    sample = cache.sign(spec, {"a": 0, "b": 1})
    assert sample is not None
    cache.put(sample, CachedResult({"value": 1}, {}))
    cache.close()
    _fill(folder / "results.sqlite", sample.key)

    def ask(at: int) -> None:
        signature = cache.sign(spec, {"a": at % 2 * at, "b": 1})  # half of the lookups are hits
        assert signature is not None
        cache.get(signature)

    def put(at: int) -> None:
        signature = cache.sign(spec, {"a": -at, "b": 2})
        assert signature is not None
        cache.put(signature, CachedResult({"value": at}, {}))

    yield Row(f"a lookup among {ENTRIES:,} entries", _median_ms(ask), 1.0, STORE_BAR, "ms")
    yield Row(f"a new entry among {ENTRIES:,} entries", _median_ms(put), 1.0, STORE_BAR, "ms")
    cache.close()


def _fill(path: Path, key: str) -> None:
    """Fill the cache with copies of an entry under different keys."""
    index = Index(path)
    entry = index.get(key)
    assert entry is not None
    with index.exclusive():
        for at in range(ENTRIES):
            index.insert(Entry(f"{at:064x}", *entry[1:]), float(at), ())
    index.close()


def _median_ms(work: Callable[[int], None]) -> float:
    took = []
    for at in range(ASKED):
        start = time.perf_counter()
        work(at)
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)
