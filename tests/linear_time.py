"""Assert that work takes linear time, by comparing CPU times measured in one run."""

from __future__ import annotations

import time
from collections.abc import Callable

MEASURABLE_S = 0.02  # shorter times are mostly noise
FACTOR, LIMIT = 4, 10  # four times the size takes 4 times as long if the time is linear, 16 times if it is quadratic
ATTEMPTS = 6  # on a busy machine, a single measurement may be several times too long


def assert_linear(work: Callable[[int], object], most: int) -> None:
    """Assert that `work` takes linear time up to the size `most`; fail long before quadratic work would end."""
    size = 200
    small = cpu_s(work, size)
    while size * FACTOR <= most:
        large, attempts = cpu_s(work, size * FACTOR), 1
        while large > LIMIT * max(small, MEASURABLE_S) and attempts < ATTEMPTS:
            # measure both again: the machine may have become slower since the small size was measured
            small, large, attempts = max(small, cpu_s(work, size)), min(large, cpu_s(work, size * FACTOR)), attempts + 1
        allowed = LIMIT * max(small, MEASURABLE_S)
        assert large <= allowed, f"size {size}: {small:.3f} s, size {size * FACTOR}: {large:.3f} s"
        size, small = size * FACTOR, large


def cpu_s(work: Callable[[int], object], size: int) -> float:
    """Return the CPU time, in seconds, that this thread spends on work of the given size."""
    start = time.thread_time()
    work(size)
    return time.thread_time() - start
