"""Whether a process runs."""

from __future__ import annotations

import os
from contextlib import suppress


def is_running(pid: int) -> bool:
    """Return True if a process runs; one that has ended and only waits for its parent to notice does not."""
    with suppress(OSError, IndexError), open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
