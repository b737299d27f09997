"""Detect files in a store that a power cut has truncated.

Everything in a store can be recomputed, so its files are not synced to disk: a file gets its name once it is written,
and the system writes it to disk later. If a file turns out to be truncated, it is treated as missing and written again.
Files that users save are synced, however; see `core/imaging/atomic.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from invocations.foreign import json_data

PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"  # the last chunk of a PNG: length 0, name, checksum
HEAD_BYTES: Final = 8  # the length of the header, at the start of a safetensors file


def is_whole_png(file: Path) -> bool:
    """Return True if a PNG file exists and ends with its last chunk."""
    try:
        with open(file, "rb") as stream:
            stream.seek(-len(PNG_END), os.SEEK_END)
            return stream.read() == PNG_END
    except OSError:
        return False


def is_whole_safetensors(file: Path) -> bool:
    """Return True if a safetensors file exists and is as long as its header says."""
    try:
        with open(file, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            length = int.from_bytes(stream.read(HEAD_BYTES), "little")
            if not 0 < length <= size - HEAD_BYTES:
                return False
            header = json_data(stream.read(length))
        ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
        return size == HEAD_BYTES + length + max(ends, default=0)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return False
