"""The cache keys of the steps at work, so that steps with the same key run once."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.running.attempt import Ready


class InFlight:
    """The steps that wait for the result of another step with the same cache key."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Ready]] = {}  # by cache key of a step at work

    def add(self, ready: Ready) -> bool:
        """Let a step wait for the one with its key; return False if there is none, so that later ones wait for it."""
        if ready.key is None:
            return False
        waiting = self._waiting.get(ready.key.key)
        if waiting is None:
            self._waiting[ready.key.key] = []
            return False
        waiting.append(ready)
        return True

    def end(self, ready: Ready) -> list[Ready]:
        """Return the steps that have waited for a step, which has an outcome now."""
        return [] if ready.key is None else self._waiting.pop(ready.key.key, [])

    def clear(self) -> None:
        self._waiting.clear()

    def __iter__(self) -> Iterator[Ready]:
        for waiting in self._waiting.values():
            yield from waiting
