"""Start a module of this program in a process of its own, and describe how a process ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


class Child(subprocess.Popen[bytes]):
    """A process in a POSIX session of its own, so that Ctrl-C reaches only this program."""

    def kill(self) -> None:
        """Kill the process and those that it has started."""
        if self.poll() is None:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)

    def ending(self) -> str:
        """Wait for the end of the process; return the signal or the exit status with which it ended."""
        status = self.wait()
        return f"signal {-status}" if status < 0 else f"exit status {status}"


def start_child(module: str, *arguments: str, environment: Mapping[str, str] | None = None, **how: Any) -> Child:
    """Start a module of this program; environment: variables to add. how: further arguments of `Popen`."""
    here = os.path.abspath(os.path.join(__file__, *[os.pardir] * 4))
    paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    return Child(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **(environment or {}), "PYTHONPATH": paths},
        start_new_session=True,
        **how,
    )
