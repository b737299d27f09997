"""Remember when engines crashed, so that one that crashes again and again is not started unasked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

MANY = 3
WITHIN_S = 600.0
CRASHED = "it crashed three times within ten minutes (see `engine log`); `engine start` starts it again"


class Crashes:
    """The crashes of an engine, in a file with one time on each line; clock: returns seconds since 1970."""

    def __init__(self, path: str, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    def add(self) -> None:
        """Record a crash that happened now; if the file cannot be written, do nothing."""
        with suppress(OSError), open(self._path, "a", encoding="ascii") as file:
            file.write(f"{self._clock():.0f}\n")

    @property
    def are_many(self) -> bool:
        """Whether the engine crashed `MANY` times within ten minutes; this stays so until `forget`."""
        times: list[float] = []
        with suppress(OSError, ValueError), open(self._path, encoding="ascii") as file:
            times = [float(line) for line in file]
        return any(last - first <= WITHIN_S for first, last in zip(times, times[MANY - 1 :], strict=False))

    def forget(self) -> None:
        """Forget all crashes."""
        with suppress(OSError):
            os.unlink(self._path)
