"""Read the header of a safetensors file: 8 bytes with its length, then JSON. No tensor is read."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Final

from core.foreign import MAX_BYTES, ForeignData, json_data, whole, wholes

from .contents import DTYPE_BITS, MAX_RANK, MAX_TENSORS, Contents, Shape, bytes_of, check_name

NOT_SAFETENSORS = "is not a safetensors file, or it is truncated"
UNREADABLE = "has a header that cannot be read"


MAX_REMEMBERED: Final = 8  # number of headers that are remembered: a model is recognized, then its parts are checked

_remembered: dict[tuple[int, int, int, int], Contents] = {}


def safetensors_contents(file: BinaryIO) -> Contents:
    """Return the contents of an open safetensors file; those of the files that were read last are remembered.

    Raises: ForeignData, OSError.
    """
    status = os.fstat(file.fileno())
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    found = _remembered.pop(key, None) or read_safetensors(file, status.st_size)
    while len(_remembered) >= MAX_REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[key] = found
    return found


def read_safetensors(file: BinaryIO, size: int) -> Contents:
    """Return the contents of a safetensors file of `size` bytes, open at its start.

    Every tensor must lie inside the file and be as long as its shape says. Raises: ForeignData, OSError.
    """
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or not 2 <= length <= size - 8:
        raise ForeignData(NOT_SAFETENSORS)
    if length > MAX_BYTES:
        raise ForeignData(f"has a header of {length >> 20} MiB; the limit is {MAX_BYTES >> 20} MiB")
    header = _header(file.read(length))
    metadata = header.pop("__metadata__", None)
    shapes, dtypes, starts, end = {}, {}, {}, 0
    for name, entry in header.items():
        shape, dtype, start, stop = _tensor(check_name(name), entry)
        shapes[name], dtypes[name], starts[name], end = shape, dtype, 8 + length + start, max(end, stop)
    if size != 8 + length + end:
        raise ForeignData(f"has {size} bytes, but its header says {8 + length + end}")
    return Contents(shapes, dtypes, metadata if isinstance(metadata, dict) else {}, starts=starts)


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json_data(data)
    except ForeignData as error:
        raise ForeignData(f"{UNREADABLE}: the header {error}") from error
    if not isinstance(header, dict):
        raise ForeignData(f"{UNREADABLE}: the header is not a JSON object")
    if len(header) > MAX_TENSORS:
        raise ForeignData(f"has {len(header)} tensors; the limit is {MAX_TENSORS}")
    return header


def _tensor(name: str, entry: Any) -> tuple[Shape, str, int, int]:
    """Return the shape, the type, the start and the end of a tensor. Raises: ForeignData."""
    try:
        shape, dtype = tuple(wholes(entry["shape"])), entry["dtype"]
        start, stop = (whole(offset) for offset in entry["data_offsets"])
    except (ForeignData, LookupError, TypeError, ValueError) as error:
        raise ForeignData(f"{UNREADABLE}: the entry of `{name:.60}` is invalid") from error
    if len(shape) > MAX_RANK or min(shape, default=0) < 0 or not isinstance(dtype, str) or not 0 <= start <= stop:
        raise ForeignData(f"{UNREADABLE}: the entry of `{name:.60}` is invalid")
    if dtype in DTYPE_BITS and bytes_of(shape, dtype) != stop - start:
        raise ForeignData(f"{UNREADABLE}: `{name:.60}` is not as long as its shape says")
    return shape, dtype, start, stop
