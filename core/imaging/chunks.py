"""Text chunks of a PNG file (tEXt, zTXt, iTXt) and its Exif, without a pixel decoded; limited in size and number."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT_BYTES = 4 * 2**20  # of one text, unpacked: the largest workflows of other tools take 1 MB
MAX_TOTAL_CHARS = 16 * 2**20  # of all texts of a file
MAX_CHUNKS = 100_000  # a large picture has some thousand
EXIF = b"eXIf"


@dataclass(slots=True)
class Chunks:
    """What a PNG file says beside its pixels; of two texts with one key the later counts."""

    texts: dict[str, str] = field(default_factory=dict)
    exif: bytes = b""


def read_chunks(file: BinaryIO) -> Chunks | None:
    """Return the texts of a PNG file, as far as they can be read; None where it is no PNG."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        return None
    found = Chunks()
    size = 0
    for kind, data in _chunks(file):
        if kind == EXIF:
            found.exif = data
            continue
        with suppress(ValueError, zlib.error):
            key, text = _READERS[kind](data)
            size += len(text)
            if size > MAX_TOTAL_CHARS:
                break
            found.texts[key] = text
    return found


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and bytes of the chunks that hold text; the others are passed over, too large ones too."""
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if length <= MAX_TEXT_BYTES and (kind in _READERS or kind == EXIF):
            data = file.read(length)
            if len(data) < length:
                return
            yield kind, data
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)


def _plain(data: bytes) -> tuple[str, str]:
    key, zero, text = data.partition(b"\0")
    return _key(key, zero), text.decode("latin-1")


def _packed(data: bytes) -> tuple[str, str]:
    key, zero, rest = data.partition(b"\0")
    if rest[:1] != b"\0":
        raise ValueError("an unknown way of packing")
    return _key(key, zero), _unpacked(rest[1:]).decode("latin-1")


def _international(data: bytes) -> tuple[str, str]:
    key, zero, rest = data.partition(b"\0")
    packed, way = rest[:1], rest[1:2]
    _, _, rest = rest[2:].partition(b"\0")  # the language
    _, _, text = rest.partition(b"\0")  # the key in that language
    if packed == b"\1" and way == b"\0":
        text = _unpacked(text)
    elif packed != b"\0":
        raise ValueError("an unknown way of packing")
    return _key(key, zero), text.decode("utf-8", "replace")


def _key(key: bytes, zero: bytes) -> str:
    if not zero or not 1 <= len(key) <= 79:
        raise ValueError("a text without a key")
    return key.decode("latin-1")


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data, MAX_TEXT_BYTES)
    if unpacker.unconsumed_tail:
        raise ValueError("the text is too large")
    return text


_READERS = {b"tEXt": _plain, b"zTXt": _packed, b"iTXt": _international}
