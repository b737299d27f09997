"""Read the text chunks (tEXt, zTXt, iTXt) and Exif of a PNG file without decoding pixels, within fixed limits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from core.foreign import MAX_TEXT_BYTES

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TOTAL_CHARS = 16 * 2**20  # maximum total length of all text chunks in a file
MAX_CHUNKS = 100_000  # even a large image has only a few thousand chunks
EXIF = b"eXIf"


@dataclass(slots=True)
class Chunks:
    """The text chunks and Exif of a PNG file; if two text chunks have the same key, the later one wins."""

    texts: dict[str, str] = field(default_factory=dict)
    exif: bytes = b""


def read_chunks(file: BinaryIO) -> Chunks | None:
    """Return the text chunks and Exif that can be read from a PNG file, or None if the file is not a PNG."""
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
    """Yield the kind and the bytes of each chunk with text or Exif; other chunks and oversized chunks are skipped."""
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
    return _key(key, zero), _decoded(text)


def _compressed(data: bytes) -> tuple[str, str]:
    key, zero, rest = data.partition(b"\0")
    if rest[:1] != b"\0":
        raise ValueError("unknown compression")
    return _key(key, zero), _decoded(_decompress(rest[1:]))


def _international(data: bytes) -> tuple[str, str]:
    key, zero, rest = data.partition(b"\0")
    is_compressed, method = rest[:1], rest[1:2]
    _, _, rest = rest[2:].partition(b"\0")  # skip the language tag
    _, _, text = rest.partition(b"\0")  # skip the translated key
    if is_compressed == b"\1" and method == b"\0":
        text = _decompress(text)
    elif is_compressed != b"\0":
        raise ValueError("unknown compression")
    return _key(key, zero), text.decode("utf-8", "replace").rstrip("\0")


def _decoded(text: bytes) -> str:
    """Decode a string that should be Latin-1; stable-diffusion.cpp and Stability Matrix write UTF-8 instead."""
    text = text.rstrip(b"\0")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _key(key: bytes, zero: bytes) -> str:
    if not zero or not 1 <= len(key) <= 79:
        raise ValueError("a text chunk has no key")
    return key.decode("latin-1")


def _decompress(data: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    text = decompressor.decompress(data, MAX_TEXT_BYTES)
    if decompressor.unconsumed_tail:
        raise ValueError("the text is too large")
    return text


_READERS = {b"tEXt": _plain, b"zTXt": _compressed, b"iTXt": _international}
