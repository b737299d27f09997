"""Read the values of a small tensor in a file, which may tell what shapes do not. Does not import torch."""

from __future__ import annotations

import struct
from math import prod
from pathlib import Path
from statistics import pstdev
from typing import Final

from core.foreign import open_file

from .contents import Contents, bytes_of

FORMATS: Final = {"F16": "e", "F32": "f", "F64": "d"}
MAX_VALUES: Final = 10_000


def deviation_of(path: Path, contents: Contents, name: str) -> float | None:
    """Return the standard deviation of a tensor's values, or None if they are not read (see `values_of`)."""
    values = values_of(path, contents, name)
    return pstdev(values) if values else None


def values_of(path: Path, contents: Contents, name: str) -> tuple[float, ...]:
    """Return the values of a tensor in a safetensors file, or () for a tensor that is missing, large or not of floats.

    Raises: OSError.
    """
    shape, dtype = contents.shapes.get(name, (0,)), contents.dtypes.get(name, "")
    if not 0 < prod(shape) <= MAX_VALUES or dtype not in (*FORMATS, "BF16") or name not in contents.starts:
        return ()
    with open_file(path) as file:
        file.seek(contents.starts[name])
        data = file.read(bytes_of(shape, dtype))
    return _values(data, dtype, prod(shape))


def _values(data: bytes, dtype: str, count: int) -> tuple[float, ...]:
    if dtype == "BF16":  # the upper half of a float32
        data, dtype = b"".join([b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2)]), "F32"
    return struct.unpack(f"<{count}{FORMATS[dtype]}", data)
