"""Is a file of a store whole? One that was on its way to the disk when the power went may be short.

What lies in a store can be made again, so its files are not waited for: a file appears under its name when it was
written, and reaches the disk when the system sees fit. A cut-off one is found out here, counts as gone, and is made
again. What a user keeps (`save`) cannot rest on that: see `core/imaging/atomic.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"  # the last chunk: no data, its name, its checksum
HEAD_BYTES: Final = 8  # of a safetensors file: how long its header is


def is_whole_png(file: Path) -> bool:
    """Whether a PNG is there to its last chunk."""
    try:
        with open(file, "rb") as stream:
            stream.seek(-len(PNG_END), os.SEEK_END)
            return stream.read() == PNG_END
    except OSError:
        return False


def is_whole_safetensors(file: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        with open(file, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            length = int.from_bytes(stream.read(HEAD_BYTES), "little")
            if not 0 < length <= size - HEAD_BYTES:
                return False
            header = json.loads(stream.read(length))
        ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
        return size == HEAD_BYTES + length + max(ends, default=0)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return False
