"""Writes model files that have a true header and no data: the file has its full length, but hardly any blocks."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from core.models.contents import Shape, bytes_of
from core.models.gguf import TYPES

GGML_TYPES = {name: (kind, block, size) for kind, (name, block, size) in TYPES.items()}


def write_safetensors(
    path: Path, shapes: Mapping[str, Shape], dtype: str = "F16", metadata: Mapping[str, str] | None = None
) -> Path:
    """Write a sparse safetensors file with tensors of these shapes."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + bytes_of(shape, dtype)
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    return write_sparse(path, header_bytes(json.dumps(header).encode()), end)


def header_bytes(data: bytes) -> bytes:
    """Return the start of a safetensors file with this header."""
    return len(data).to_bytes(8, "little") + data


def write_sparse(path: Path, start: bytes, length: int) -> Path:
    """Write a file that starts with these bytes and goes on for `length` bytes that take no room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + length)
    return path


def write_gguf(
    path: Path, shapes: Mapping[str, Shape], dtype: str = "F16", keys: Mapping[str, Any] | None = None
) -> Path:
    """Write a sparse GGUF file; small tensors are F32, and ComfyUI-GGUF's key keeps shapes of over 4 dimensions."""
    metadata = dict(keys or {})
    entries, offset = [], 0
    for name, shape in shapes.items():
        kind, block, size = GGML_TYPES[dtype if len(shape) > 1 and shape[-1] % 256 == 0 else "F32"]
        if len(shape) > 4:
            metadata[f"comfy.gguf.orig_shape.{name}"] = list(shape)
        stored = shape if len(shape) <= 4 else (prod(shape[:-3]), *shape[-3:])
        entries.append(gguf_entry(name, stored, kind, offset))
        offset += -(-prod(shape) // block * size // 32) * 32
    start = gguf_start(len(entries), metadata) + b"".join(entries)
    return write_sparse(path, start + b"\0" * (-len(start) % 32), offset)


def gguf_start(tensors: int, metadata: Mapping[str, Any], version: int = 3) -> bytes:
    """Return the start of a GGUF file up to the tensor entries."""
    values = b"".join([_string(key) + _value(value) for key, value in metadata.items()])
    return b"GGUF" + struct.pack("<IQQ", version, tensors, len(metadata)) + values


def gguf_entry(name: str, shape: Shape, kind: int, offset: int) -> bytes:
    """Return the entry of a tensor, its fastest dimension first."""
    sides = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
    return _string(name) + sides + struct.pack("<IQ", kind, offset)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _string(value)
    if isinstance(value, list):
        return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
    return struct.pack("<IQ", 10, value)
