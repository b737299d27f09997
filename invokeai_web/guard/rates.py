"""How many requests a client may send, and how many wrong tokens."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

MOST_CLIENTS: Final = 4096  # clients that are remembered; the least recently seen is forgotten
WRONG_TOKENS: Final = 10
WRONG_SECONDS: Final = 60.0


class RequestRate:
    """Lets each client send some requests per second, and a burst of them after a pause; 0 per second: no limit."""

    def __init__(self, per_second: float = 20, burst: float = 60, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, cost: float = 1) -> float:
        """Count a request; return 0 if it may be answered, or in how many seconds the client may try again."""
        if not self._per_second:
            return 0
        now = self._now()
        left, since = self._left.pop(client, (self._burst, now))
        left = min(left + (now - since) * self._per_second, self._burst)
        missing = cost - left
        self._left[client] = (left if missing > 0 else left - cost, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return max(missing / self._per_second, 0)


class WrongTokens:
    """Counts the wrong tokens of each peer, so that tokens cannot be guessed."""

    def __init__(
        self,
        most: int = WRONG_TOKENS,
        seconds: float = WRONG_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, peer: str) -> float:
        """Count a wrong token; return 0, or in how many seconds the peer may try again if it has sent too many."""
        now = self._now()
        times = self._times.pop(peer, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        full = len(times) >= self._most
        if not full:
            times.append(now)
        self._times[peer] = times
        if len(self._times) > MOST_CLIENTS:
            self._times.popitem(last=False)
        return times[0] + self._seconds - now if full else 0
