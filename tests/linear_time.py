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
        allowed = LIMIT * max(small, MEASURABLE_S)
        times = [cpu_s(work, size * FACTOR)]
        while min(times) > allowed and len(times) < ATTEMPTS:
            times.append(cpu_s(work, size * FACTOR))
        assert min(times) <= allowed, f"size {size}: {small:.3f} s, size {size * FACTOR}: {min(times):.3f} s"
        size, small = size * FACTOR, min(times)


def cpu_s(work: Callable[[int], object], size: int) -> float:
    """Return the CPU time, in seconds, that this thread spends on work of the given size."""
    start = time.thread_time()
    work(size)
    return time.thread_time() - start
