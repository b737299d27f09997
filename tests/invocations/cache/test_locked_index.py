"""Another process is writing to the index of the cache: results wait for it, but not after the run was cancelled."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

from invocations.cache import index as index_module
from invocations.cache import local as local_module
from invocations.cache.base import CachedResult
from invocations.cache.keys import CacheKey, Signer
from invocations.cache.local import NAME, DiskCache
from invocations.events import NodeFinished, SessionCancelled
from invocations.running.context import run_is_cancelled
from invocations.spec import InvocationSpec
from tests.invocations.bench import Bench, node

RESULT = CachedResult({"value": 7}, {})


class Locked:
    """A cache whose index another process is writing; `at_turn` is called with each turn in which it waits."""

    def __init__(self, folder: Path, specs: Mapping[str, InvocationSpec], patch: pytest.MonkeyPatch) -> None:
        self.is_cancelled = False
        self.warnings: list[str] = []
        self.at_turn: Callable[[int], object] = lambda turn: None
        self.turns = 0
        patch.setattr(index_module, "PIECE_S", 0.0)
        self.cache = DiskCache(
            folder, Signer(), max_bytes=10**6, file_of=lambda name: folder / name, warn=self.warnings.append,
            cancelled=lambda: self.is_cancelled,
        )  # fmt: skip
        key = self.cache.sign(specs["number"], {"value": 7})
        assert key is not None
        self.key: CacheKey = key
        self.cache.keep_digest("file", "hash")
        self.other = sqlite3.connect(folder / NAME, isolation_level=None, check_same_thread=False)
        self.other.execute("begin immediate")
        numbers = count(1)
        patch.setattr(index_module.time, "monotonic", lambda: self._turn(next(numbers)))

    def _turn(self, number: int) -> float:
        self.turns = number
        self.at_turn(number)
        return float(number)

    def release(self) -> None:
        if self.other.in_transaction:
            self.other.execute("rollback")

    def put(self) -> None:
        self.cache.put(self.key, RESULT)


@pytest.fixture
def locked(tmp_path: Path, specs: Mapping[str, InvocationSpec], monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """Yield a cache whose index is locked."""
    made = Locked(tmp_path, specs, monkeypatch)
    yield made
    made.release()
    made.cache.close()
    made.other.close()


def test_a_result_waits_until_another_process_has_written(locked: Locked) -> None:
    locked.at_turn = lambda turn: turn == 4 and locked.release()
    locked.put()
    assert (locked.cache.get(locked.key), locked.warnings) == (RESULT, [])


def test_after_ten_seconds_results_are_cached_in_memory(locked: Locked) -> None:
    locked.put()
    assert locked.turns == 1 + index_module.WAIT_S
    assert [warning.endswith("database is locked") for warning in locked.warnings] == [True]
    assert locked.cache.get(locked.key) == RESULT


def test_a_cancelled_run_does_not_wait_and_the_next_one_uses_the_index_again(locked: Locked) -> None:
    def cancel(turn: int) -> None:
        locked.is_cancelled = turn >= 3

    locked.at_turn = cancel
    locked.put()
    assert (locked.turns, locked.warnings, locked.cache.get(locked.key)) == (3, [], None)
    locked.release()
    locked.put()
    assert locked.cache.get(locked.key) == RESULT


def test_ctrl_c_ends_the_waiting(locked: Locked) -> None:
    locked.at_turn = lambda turn: turn == 3 and signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        locked.put()
    locked.release()
    locked.put()
    assert (locked.cache.get(locked.key), locked.warnings) == (RESULT, [])


def test_a_run_in_its_thread_stops_waiting_when_it_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[bool] = []
    cache = DiskCache(tmp_path, Signer(), max_bytes=10**6, file_of=tmp_path.joinpath, cancelled=run_is_cancelled)
    cache.keep_digest("file", "hash")
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    bench = Bench(cache=cache).grow([node("a number", value=1), node("b number", value=2)])
    run = bench.invoker.run(bench.session.id)

    def waiting() -> bool:
        run.cancel()
        cancelled.append(run_is_cancelled())
        return cancelled[-1]

    cache._cancelled = waiting
    assert cache._opened is not None
    cache._opened._cancelled = waiting
    events = [*run]
    assert isinstance(events[-1], SessionCancelled)
    assert [event.node_id for event in events if isinstance(event, NodeFinished)] == ["a"]
    assert cancelled
    assert all(cancelled)
    other.close()
    cache.close()


def test_at_the_end_the_cache_waits_only_for_a_second(locked: Locked) -> None:
    locked.release()
    locked.put()
    assert locked.cache.get(locked.key) == RESULT
    locked.other.execute("begin immediate")
    before = locked.turns
    locked.cache.close()
    assert locked.turns == before + 1 + local_module.CLOSE_S
