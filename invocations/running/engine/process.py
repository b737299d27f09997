"""A process of another program run: wait for its end, or kill it."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress

POLL_S = 0.02


class OtherProcess:
    """A process that runs now; if the system allows, its number cannot be mistaken for that of a later process.

    sleep: waits for some seconds. clock: returns seconds
    """

    def __init__(
        self, pid: int, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if pid <= 1 or pid == os.getpid():  # `kill` takes 0 and negative numbers as groups of processes
            raise ValueError(f"{pid} is not the number of another process")
        self.pid = pid
        self._sleep = sleep
        self._clock = clock
        self._descriptor: int | None = None
        with suppress(AttributeError, OSError):  # only newer Linux kernels have them
            self._descriptor = os.pidfd_open(pid)

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end of the process; return False if it still runs after some seconds."""
        if self._descriptor is not None:
            return bool(select.select([self._descriptor], [], [], seconds)[0])
        until = self._clock() + seconds
        with suppress(ProcessLookupError):
            while self._clock() < until:
                os.kill(self.pid, 0)
                self._sleep(POLL_S)
            return False
        return True

    def kill(self) -> None:
        """Kill the process, unless it has ended."""
        with suppress(ProcessLookupError):
            if self._descriptor is None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self) -> None:
        """Forget the process."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
