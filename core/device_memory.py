"""The most memory that was allocated on graphics cards. torch is not imported for it: where it is not, nothing is."""

from __future__ import annotations

import sys
from typing import Any


def forget_peak() -> None:
    """Measure the peak from now on."""
    cuda = _cuda()
    for index in range(cuda.device_count() if cuda is not None else 0):
        cuda.reset_peak_memory_stats(index)


def peak() -> int:
    """Return the bytes at the most since then, of all cards together; 0 without one."""
    cuda = _cuda()
    return sum(cuda.max_memory_allocated(index) for index in range(cuda.device_count())) if cuda is not None else 0


def _cuda() -> Any:
    """Return torch's side of the cards where it is at work; another thread may be importing torch just now."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    started = getattr(cuda, "is_initialized", None)
    return cuda if started is not None and started() else None
