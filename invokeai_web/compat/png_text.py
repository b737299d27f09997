"""Add a text to a PNG file without encoding its pixels again."""

from __future__ import annotations

import struct
import zlib
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES: Final = 25  # the chunk IHDR: length, type, 13 bytes of data, checksum


def with_text(png: bytes, key: str, text: str) -> bytes:
    """Return a PNG with an uncompressed text chunk (iTXt) after its header; unchanged if the text is empty.

    key: 1 to 79 ASCII characters. Raises: ValueError, if `png` is not a PNG.
    """
    if not png.startswith(SIGNATURE) or png[12:16] != b"IHDR":
        raise ValueError("not a PNG file")
    if not text:
        return png
    start = len(SIGNATURE) + HEADER_BYTES
    data = key.encode("ascii") + b"\0\0\0\0\0" + text.encode("utf-8", "replace")
    body = b"iTXt" + data
    chunk = struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:start] + chunk + png[start:]
