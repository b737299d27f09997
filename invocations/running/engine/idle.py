"""Decide when an engine that nobody uses unloads its models, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

UNLOAD_S = 300.0  # how long models stay loaded after the latest task
END_S = 1800.0  # how long the process runs after the latest task
CHECK_S = 10.0  # the longest time between two checks, because memory may become short at any time
SHORT_PERCENT = 20.0  # memory is short if processes waited for it for this share of the last ten seconds
PRESSURE = "/proc/pressure/memory"

Due = Literal["", "unload", "end"]


class Idleness:
    """How long an engine has had no task; clock: returns seconds. pressure: see `memory_pressure`."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, pressure: Callable[[], float] | None = None
    ) -> None:
        self._clock = clock
        self._pressure = pressure or memory_pressure
        self._since = clock()
        self._has_models = False

    @property
    def seconds(self) -> float:
        """How long the engine has had no task."""
        return self._clock() - self._since

    def used(self) -> None:
        """Take note that a task begins or ends."""
        self._since = self._clock()
        self._has_models = True

    def due(self, *, is_needed: bool = False) -> Due:
        """Return what is due, which the caller then does: "unload", "end", or "" for nothing.

        is_needed: whether a client is between two tasks of a run, for which the engine must not end
        """
        if not is_needed and (self.seconds >= END_S or (self._has_models and self._pressure() > SHORT_PERCENT)):
            return "end"
        if self._has_models and self.seconds >= UNLOAD_S:
            self._has_models = False
            return "unload"
        return ""

    @property
    def wait_s(self) -> float:
        """How many seconds may pass before `due` is called again."""
        limit = UNLOAD_S if self._has_models else END_S
        return min(max(limit - self.seconds, 0.0), CHECK_S)


def memory_pressure() -> float:
    """Return for what percentage of the last ten seconds processes waited for memory; 0 if Linux does not say."""
    with suppress(OSError, ValueError, IndexError), open(PRESSURE, encoding="ascii") as file:
        return float(file.readline().split("avg10=")[1].split()[0])
    return 0.0
