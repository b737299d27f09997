"""The credit of a client: how much it may receive beyond the last event that it has seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from invokeai_web.events.base import Numbered

MAX_UNSEEN_EVENTS: Final = 512
MAX_UNSEEN_BYTES: Final = 2**20


class Credit:
    """Counts what was sent to a client and not yet seen by it, so that little of it waits in this process."""

    def __init__(self) -> None:
        self._unseen: deque[tuple[int, int]] = deque()  # number and size of each event
        self.size = 0  # in bytes

    def __len__(self) -> int:
        return len(self._unseen)

    @property
    def is_used_up(self) -> bool:
        """Whether nothing may be sent until the client has seen more."""
        return len(self._unseen) >= MAX_UNSEEN_EVENTS or self.size >= MAX_UNSEEN_BYTES

    def take(self, events: Sequence[Numbered]) -> int:
        """Return how many of these events may be sent now, and count them as sent."""
        taken = 0
        for event in events:
            if self.is_used_up:
                break
            self._unseen.append((event.number, event.size))
            self.size += event.size
            taken += 1
        return taken

    def see(self, number: int) -> None:
        """Note that the client has seen the events up to a number."""
        while self._unseen and self._unseen[0][0] <= number:
            self.size -= self._unseen.popleft()[1]

    def clear(self) -> None:
        """Note that nothing is left to be seen."""
        self._unseen.clear()
        self.size = 0
