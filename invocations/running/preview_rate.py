"""How often a node makes previews while somebody watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import Final

PREVIEW_S: Final = 0.1  # at most ten a second, because making one may take as long as a step of a small model


class PreviewRate:
    """Returns True if somebody wants a preview and the latest one is old enough.

    is_wanted: is only called if a preview could be made. clock: returns seconds
    """

    def __init__(self, is_wanted: Callable[[], bool], clock: Callable[[], float] = time.perf_counter) -> None:
        self._is_wanted = is_wanted
        self._clock = clock
        self._latest = -inf

    def __call__(self) -> bool:
        now = self._clock()
        if now - self._latest < PREVIEW_S or not self._is_wanted():
            return False
        self._latest = now
        return True
