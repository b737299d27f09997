"""Measure the memory that a node uses: the peak of the process and of the graphics cards while the node runs."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from invocations.frozen import frozen

RESET_PEAK = b"5"  # writing this to the file CLEAR makes Linux reset the process's peak memory
STATUS, CLEAR, SIZES = "/proc/self/status", "/proc/self/clear_refs", "/proc/self/statm"


@frozen
class Used:
    """What a node used.

    peak, grown, device: memory in bytes: the peak of the process, its growth while the node ran, and the peak on
    graphics cards. batch: how many nodes ran at once. load_seconds: the node's share of the time for loading models.
    most: how many nodes can run at once, if memory ran out for more; otherwise 0
    """

    peak: int = 0
    grown: int = 0
    device: int = 0
    load_seconds: float = 0.0
    batch: int = 1
    most: int = 0


NOTHING = Used()


class Meter:
    """Measures memory from its creation on. As this takes 0.2 ms, only nodes with images or models are measured."""

    def __init__(self) -> None:
        self._resets = _reset_peak()
        self._before = resident_bytes() if self._resets else _lifetime_peak()
        _reset_device_peak()

    def read(self, load_seconds: float = 0.0) -> Used:
        """Return the memory used since the meter was created."""
        peak = _peak() if self._resets else _lifetime_peak()
        return Used(peak, max(peak - self._before, 0), _device_peak(), load_seconds)


def resident_bytes() -> int:
    """Return the memory that the process uses now, or 0 if the operating system does not report it."""
    return _sizes()[0]


def private_bytes() -> int:
    """Return the memory that the process uses now, without mapped files; 0 if the system does not report it."""
    resident, shared = _sizes()
    return resident - shared


def _sizes() -> tuple[int, int]:
    """Return the memory that the process uses, and how much of it belongs to mapped files."""
    try:
        with open(SIZES, "rb") as file:
            pages = file.read().split()
            return int(pages[1]) * os.sysconf("SC_PAGE_SIZE"), int(pages[2]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0, 0


def _reset_peak() -> bool:
    """Reset the recorded peak memory of the process; return False if the operating system does not support this."""
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


def _peak() -> int:
    with open(STATUS, "rb") as file:
        for line in file:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _lifetime_peak() -> int:
    """Return the peak memory of the process since its start, or 0 if unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _reset_device_peak() -> None:
    if "torch" in sys.modules:
        from core.devices import reset_peak_memory

        reset_peak_memory()


def _device_peak() -> int:
    if "torch" not in sys.modules:
        return 0
    from core.devices import peak_memory_bytes

    with suppress(RuntimeError):  # if the card has failed, the node itself reports this
        return peak_memory_bytes()
    return 0
