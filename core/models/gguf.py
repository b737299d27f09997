"""Read the header of a GGUF file: key-values and tensor entries. No tensor is read.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from math import prod
from typing import Any, BinaryIO, Final

from core.foreign import MAX_BYTES, ForeignData

from .contents import MAX_RANK, MAX_TENSORS, Contents, Shape, check_name

MAGIC: Final = b"GGUF"
MAX_KEYS: Final = 10_000
MAX_ITEMS: Final = 1_000_000  # maximum number of items in an array; vocabularies have up to 300,000
KEPT_ITEMS: Final = 16  # longer arrays, such as vocabularies, are skipped
ORIGINAL_SHAPE: Final = "comfy.gguf.orig_shape."  # ComfyUI-GGUF stores the shape of a reshaped tensor under this key

_SCALARS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

TYPES: Final = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
}  # fmt: skip
"""The name of each ggml type, the number of elements in a block, and the size of a block in bytes."""


def read_gguf(file: BinaryIO, size: int) -> Contents:
    """Return the contents of a GGUF file of `size` bytes, open at its start. Raises: ForeignData, OSError."""
    reader = _Reader(file, size)
    if reader.take(4) != MAGIC:
        raise ForeignData("is not a GGUF file")
    version = reader.number("I")
    if version not in (2, 3):
        raise ForeignData(f"is a GGUF file of version {version}; versions 2 and 3 are supported")
    tensors, keys = reader.count(MAX_TENSORS), reader.count(MAX_KEYS)
    metadata = {}
    for _ in range(keys):
        key = reader.string()
        metadata[key] = reader.value(reader.number("I"))
    entries = [_entry(reader) for _ in range(tensors)]
    return _contents(entries, metadata, reader.at, size)


class _Reader:
    """Reads values in little-endian order, and never more than the largest size of a header."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.at, self.end = file, 0, min(size, MAX_BYTES)

    def take(self, length: int) -> bytes:
        """Return the next bytes. Raises: ForeignData."""
        self.at += length
        data = self.file.read(length) if self.at <= self.end else b""
        if len(data) < length:
            raise ForeignData("has a GGUF header that is truncated or too large")
        return data

    def number(self, code: str) -> Any:
        """Return a number of this type, a code of `struct`."""
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def count(self, limit: int) -> int:
        """Return a number of things that follow. Raises: ForeignData."""
        count = int(self.number("Q"))
        if count > limit:
            raise ForeignData(f"has a GGUF header with {count} entries; the limit is {limit}")
        return count

    def string(self) -> str:
        """Return a string; bytes that are not UTF-8 are replaced."""
        return self.take(self.count(MAX_BYTES)).decode("utf-8", "replace")

    def value(self, kind: int, *, nested: bool = False) -> Any:
        """Return the value of a key; a long array becomes None."""
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY or nested:
            raise ForeignData("has a GGUF header with a value of an unknown type")
        return self._array()

    def _array(self) -> list[Any] | None:
        kind, length = self.number("I"), self.count(MAX_ITEMS)
        if kind in _SCALARS and length > KEPT_ITEMS:
            self.take(struct.calcsize(_SCALARS[kind]) * length)
            return None
        items = [self.value(kind, nested=True) for _ in range(length)]
        return items if length <= KEPT_ITEMS else None


Entry = tuple[str, Shape, int, int]


def _entry(reader: _Reader) -> Entry:
    """Return the name, shape, type and offset of a tensor; GGUF lists the fastest dimension first."""
    name, rank = check_name(reader.string()), reader.number("I")
    if rank > MAX_RANK:
        raise ForeignData(f"has a GGUF header with a tensor of {rank} dimensions")
    shape = tuple(reversed([reader.number("Q") for _ in range(rank)]))
    return name, shape, reader.number("I"), reader.number("Q")


def _contents(entries: list[Entry], metadata: dict[str, Any], at: int, size: int) -> Contents:
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 2**20:
        raise ForeignData("has a GGUF header with an invalid alignment")
    start = -(-at // alignment) * alignment
    shapes, dtypes, sizes, end = {}, {}, {}, start
    for name, shape, kind, offset in entries:
        dtype, block, block_bytes = TYPES.get(kind, (f"type {kind}", 1, 0))
        sizes[name] = prod(shape) // block * block_bytes
        end = max(end, start + offset + sizes[name])
        shapes[name], dtypes[name] = _original(metadata.get(ORIGINAL_SHAPE + name), shape), dtype
    if entries and size < end:
        raise ForeignData(f"has {size} bytes, but its header says {end}")
    return Contents(shapes, dtypes, metadata, sizes)


def _original(listed: object, shape: Shape) -> Shape:
    """Return the shape that a tensor had before it was reshaped for GGUF, if the file states a fitting one."""
    if isinstance(listed, list) and all(isinstance(one, int) and one >= 0 for one in listed):
        original = tuple(listed)
        return original if prod(original) == prod(shape) else shape
    return shape
