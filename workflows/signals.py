"""Signals of the process: handlers for as long as something runs, and how the program ends after a signal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

ENDING: Final = ("SIGTERM", "SIGHUP")  # they end the program; several of them may arrive at once
BACKGROUND: Final = "background"  # the name of threads whose work may go on after a run was cancelled


class Terminated(SystemExit):
    """Raised if SIGTERM or SIGHUP arrives while nothing runs; `status` is the exit status.

    An event loop passes on a SystemExit that is raised in a callback, but not other exceptions.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def status_of(number: int) -> int:
    """Return the exit status for a signal, as shells report it."""
    return 128 + number


@contextmanager
def handlers(wanted: dict[str, Any], *, owns_process: bool) -> Iterator[None]:
    """Set signal handlers if the program owns the process, and restore the previous handlers at the end."""
    before: dict[int, Any] = {}
    if owns_process:
        for name, handler in wanted.items():
            number = getattr(signal, name, None)
            # a signal that is already ignored stays ignored, as under nohup and in background jobs
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        if "SIGALRM" in wanted and before and hasattr(signal, "alarm"):
            signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def terminate(number: int, frame: FrameType | None = None) -> None:
    """Raise `Terminated`, which ends the program if no run has to be stopped first, and ignore further such signals."""
    for each in filter(None, (getattr(signal, name, None) for name in ENDING)):
        signal.signal(each, signal.SIG_IGN)
    raise Terminated(status_of(number))


def ignore(number: int, frame: FrameType | None = None) -> None:
    """Ignore a signal."""


def is_busy() -> bool:
    """Return True if a thread still imports or loads something; Python may crash if it ends normally meanwhile."""
    threads = sys.modules.get("threading")
    return threads is not None and any(each.name == BACKGROUND for each in threads.enumerate())
