"""Signal handlers for a while, and what SIGTERM raises where nothing runs that must be stopped first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from .environment import Environment


class Terminated(BaseException):
    """SIGTERM came while nothing ran."""


@contextmanager
def handlers(environment: Environment, wanted: dict[str, Any]) -> Iterator[None]:
    """Set signal handlers where the process is ours, and put the former ones back."""
    before: dict[int, Any] = {}
    if environment.owns_process:
        for name, handler in wanted.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup, a job in the background
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        if "SIGALRM" in wanted and before and hasattr(signal, "alarm"):
            signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def terminate(number: int, frame: FrameType | None = None) -> None:
    """Raise what ends the program where nothing runs that must be stopped first."""
    raise Terminated
