"""Which client's task the engine does, and which tasks wait: first come, first served."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from invocations.frozen import mutable

MAX_WAITING = 8  # tasks that may wait; a further one is returned to its client
COLD_START_S = 2.0  # what starting without the engine costs; a task with a small model does not wait longer
Client = TypeVar("Client")


@mutable
class _Waiting(Generic[Client]):
    client: Client
    message: Mapping[str, Any]
    since: float
    is_small: bool


class Turns(Generic[Client]):
    """The task at work and those that wait; messages are kept as they arrived.

    A client sends a task after its former one was answered, which thus is about to end: it does not wait for itself.
    is_small: returns whether a task's model loads so quickly that waiting does not pay. clock: returns seconds
    """

    def __init__(
        self, is_small: Callable[[Mapping[str, Any]], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_small = is_small
        self._clock = clock
        self._waiting: deque[_Waiting[Client]] = deque()
        self.current: Client | None = None

    @property
    def count(self) -> int:
        """The number of tasks that wait."""
        return len(self._waiting)

    def add(self, client: Client, message: Mapping[str, Any]) -> bool:
        """Let a task wait for its turn; return False if too many wait already."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        has_to_wait = self.current not in (None, client) or bool(self._waiting)
        self._waiting.append(_Waiting(client, message, self._clock(), has_to_wait and self._is_small(message)))
        return True

    def next(self) -> tuple[Client, Mapping[str, Any]] | None:
        """Begin the next task, unless one is at work; return it with its client."""
        if self.current is not None or not self._waiting:
            return None
        first = self._waiting.popleft()
        self.current = first.client
        return first.client, first.message

    def done(self) -> None:
        """Take note that the task at work has ended."""
        self.current = None

    def drop(self, client: Client) -> list[Mapping[str, Any]]:
        """Remove and return the tasks of a client that wait."""
        mine = [each for each in self._waiting if each.client is client]
        self._waiting = deque(each for each in self._waiting if each.client is not client)
        return [each.message for each in mine]

    def impatient(self) -> list[tuple[Client, Mapping[str, Any]]]:
        """Remove and return the tasks for which starting without the engine is faster than waiting longer."""
        now = self._clock()
        late = [each for each in self._waiting if each.is_small and now - each.since >= COLD_START_S]
        for each in late:
            self._waiting.remove(each)
        return [(each.client, each.message) for each in late]

    @property
    def wait_s(self) -> float | None:
        """How many seconds may pass before `impatient` is called again; None for any number."""
        due = [each.since + COLD_START_S for each in self._waiting if each.is_small]
        return max(min(due) - self._clock(), 0.0) if due else None

    def places(self) -> list[tuple[Client, int]]:
        """Return each client that waits for others, with the number of tasks before its own, which is at least 1."""
        found = [(each.client, place - (each.client is self.current)) for place, each in enumerate(self._waiting, 1)]
        return [each for each in found if each[1]]
