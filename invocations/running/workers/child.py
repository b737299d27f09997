"""Start a module of this program in a process of its own, and describe how a process ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def start_child(module: str, *arguments: str, environment: Mapping[str, str] | None = None, **how: Any) -> Any:
    """Start a module in a new POSIX session, so that Ctrl-C reaches only this program; return the `Popen` object.

    environment: variables to add. how: further arguments of `Popen`
    """
    here = os.path.abspath(os.path.join(__file__, *[os.pardir] * 4))
    paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {}), "PYTHONPATH": paths},
        start_new_session=True,
        **how,
    )


def ending(process: subprocess.Popen[Any]) -> str:
    """Wait for the end of a process; return the signal or the exit status with which it ended."""
    status = process.wait()
    return f"signal {-status}" if status < 0 else f"exit status {status}"
