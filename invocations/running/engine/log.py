"""Keep the log of an engine small; the engine appends to it as its standard output."""

from __future__ import annotations

import os
from contextlib import suppress

MAX_BYTES = 2**20
KEPT_BYTES = 2**18  # how much of the end of a log is kept that has become too long


def shorten(path: str) -> None:
    """If a log is longer than `MAX_BYTES`, keep only whole lines at its end; if this fails, do nothing."""
    with suppress(OSError):
        if os.path.getsize(path) <= MAX_BYTES:
            return
        with open(path, "r+b") as file:
            file.seek(-KEPT_BYTES, os.SEEK_END)
            kept = file.read(KEPT_BYTES)
            file.truncate(0)
        with open(path, "ab") as file:
            file.write(kept.partition(b"\n")[2] or kept)
