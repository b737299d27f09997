"""The process keeps the memory that computations free, and returns it when models are unloaded."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from core import freed_memory
from core.devices import Device, empty_cache, limit_threads

CALLS: list[tuple[int, ...]] = []
GLIBC = SimpleNamespace(
    gnu_get_libc_version=None,
    mallopt=lambda *given: CALLS.append(given) or 1,
    malloc_trim=lambda *given: CALLS.append(given) or 1,
)

COUNT_FAULTS = """
import resource
import torch
from core.freed_memory import keep_freed_memory
assert keep_freed_memory()
torch.set_num_threads(1)
def work():
    for _ in range(20):
        blocks = [torch.ones(2**20) for _ in range(4)]
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the process was told earlier."""
    CALLS.clear()
    freed_memory.keep_freed_memory.cache_clear()
    for name in ("MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)


def use(monkeypatch: pytest.MonkeyPatch, library: Any) -> None:
    monkeypatch.setattr(freed_memory, "_libc", lambda: library)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another allocator")
def test_memory_that_is_used_again_is_not_cleared_again() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT_FAULTS], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000  # of 80,000 pages


def test_the_allocator_is_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, GLIBC)
    for _ in range(2):
        with limit_threads(0):
            pass
    assert CALLS == [(-3, 32 * 2**20), (-1, 256 * 2**20)]


def test_unloading_models_returns_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, GLIBC)
    empty_cache(Device("cpu"))
    assert CALLS == [(0,)]


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"])
def test_an_allocator_that_the_user_has_configured_is_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use(monkeypatch, GLIBC)
    monkeypatch.setenv(name, "1")
    assert not freed_memory.keep_freed_memory()
    assert CALLS == []


def test_another_allocator_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, None)
    assert not freed_memory.keep_freed_memory()
    assert not freed_memory.return_freed_memory()
