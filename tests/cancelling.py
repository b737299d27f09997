"""Functions that say whether work is cancelled, for tests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count


def after(calls: int) -> Callable[[], bool]:
    """Return a function that returns True from its call number `calls` on, counting from 0."""
    numbers = count()
    return lambda: next(numbers) >= calls
