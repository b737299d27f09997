"""Signal handlers of the process, set for as long as something runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from . import exit_status
from .environment import Environment

ENDING: Final = ("SIGTERM", "SIGHUP")  # they end the program; several of them may arrive at once


class Terminated(SystemExit):
    """Raised if SIGTERM or SIGHUP arrives while nothing runs; `status` is the exit status.

    An event loop passes on a SystemExit that is raised in a callback, but not other exceptions.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@contextmanager
def handlers(environment: Environment, wanted: dict[str, Any]) -> Iterator[None]:
    """Set signal handlers if the environment owns the process, and restore the previous handlers at the end."""
    before: dict[int, Any] = {}
    if environment.owns_process:
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
    """Raise `Terminated`, which ends the program if no run has to be stopped first; ignore all that follow."""
    for each in filter(None, (getattr(signal, name, None) for name in ENDING)):
        signal.signal(each, signal.SIG_IGN)
    raise Terminated(exit_status.of_signal(number))
