"""Read the header of a safetensors file: 8 bytes with its length, then JSON. No tensor is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO, Final

from core.foreign import MAX_BYTES, ForeignData, json_data

from .contents import DTYPE_BITS, MAX_RANK, MAX_TENSORS, Contents, check_names

NOT_SAFETENSORS = "is not a safetensors file, or it is truncated"
UNREADABLE = "has a header that cannot be read"
MAX_NUMBER: Final = 2**64  # every size and position in a header is below this number
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
    found = _contents(header, metadata if isinstance(metadata, dict) else {}, 8 + length)
    end = max([start + found.sizes[name] for name, start in found.starts.items()], default=8 + length)
    if size != end:
        raise ForeignData(f"has {size} bytes, but its header says {end}")
    return found


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json_data(data)
    except ForeignData as error:
        reason = "is not valid JSON" if str(error).startswith("is not JSON") else error
        raise ForeignData(f"has a header that {reason}") from error
    if not isinstance(header, dict):
        raise ForeignData("has a header that is not a JSON object")
    if len(header) > MAX_TENSORS:
        raise ForeignData(f"has {len(header)} tensors; the limit is {MAX_TENSORS}")
    return header


def _contents(header: Mapping[str, Any], metadata: Mapping[str, Any], base: int) -> Contents:
    """Return what a header says about the tensors of a file, whose data begins at `base`. Raises: ForeignData.

    A header may have thousands of entries, so that each is checked without calls to other functions of ours.
    """
    check_names(header)
    shapes, dtypes, sizes, starts = {}, {}, {}, {}
    for name, entry in header.items():
        try:
            shape, dtype, (start, stop) = tuple(entry["shape"]), entry["dtype"], entry["data_offsets"]
            numbers = (*shape, start, stop)
            is_valid = {*map(type, numbers)} == {int} and min(numbers) >= 0 and max(numbers) < MAX_NUMBER
        except (LookupError, TypeError, ValueError):
            is_valid = False
        if not is_valid or start > stop or len(shape) > MAX_RANK or not isinstance(dtype, str):
            raise ForeignData(f"{UNREADABLE}: the entry of `{name:.60}` is invalid")
        if dtype in DTYPE_BITS and (prod(shape) * DTYPE_BITS[dtype] + 7) // 8 != stop - start:
            raise ForeignData(f"{UNREADABLE}: `{name:.60}` is not as long as its shape says")
        shapes[name], dtypes[name], sizes[name], starts[name] = shape, dtype, stop - start, base + start
    return Contents(shapes, dtypes, metadata, sizes, starts)
