"""How much memory a node takes: the most that the process held while it worked, and the most on the graphics card."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from invocations.frozen import frozen

RESET_PEAK = b"5"  # what Linux takes as: forget the greatest size so far
STATUS, CLEAR, SIZES = "/proc/self/status", "/proc/self/clear_refs", "/proc/self/statm"


@frozen
class Used:
    """Bytes at the most while a node worked, how many more than before it, and those of graphics cards; 0: unknown."""

    peak: int = 0
    grown: int = 0
    device: int = 0


NOTHING = Used()


class Meter:
    """Measures from when it is made; costs 0.2 ms, so it is for nodes that work on images and models."""

    def __init__(self) -> None:
        self._resets = _forget_peak()
        self._before = _size_now() if self._resets else _peak_ever()
        _forget_device_peak()

    def read(self) -> Used:
        """Return what was used since then."""
        peak = _peak() if self._resets else _peak_ever()
        return Used(peak, max(peak - self._before, 0), _device_peak())


def _forget_peak() -> bool:
    """Let the system measure the peak from now on; False where it cannot: then the peak of all nodes so far counts."""
    try:
        number = os.open(CLEAR, os.O_WRONLY)
    except OSError:
        return False
    try:
        return os.write(number, RESET_PEAK) > 0
    except OSError:
        return False
    finally:
        os.close(number)


def _size_now() -> int:
    with open(SIZES, "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    with open(STATUS, "rb") as file:
        for line in file:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _peak_ever() -> int:
    """Return the most that the process has held since it began, 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _forget_device_peak() -> None:
    if "torch" in sys.modules:
        from core.devices import reset_peak_memory

        reset_peak_memory()


def _device_peak() -> int:
    if "torch" not in sys.modules:
        return 0
    from core.devices import peak_memory_bytes

    with suppress(RuntimeError):  # a card that failed is told by the node
        return peak_memory_bytes()
    return 0
