"""Write a safetensors file tensor by tensor, so that it can be stopped and needs no second copy of the weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

import torch
from torch import Tensor

from .alignment import ALIGNMENT

TYPES: Final = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip
LENGTH_BYTES: Final = 8  # how many bytes hold the length of the header
PIECE_BYTES: Final = 16 * 2**20


class Stopped(Exception):
    """Writing was stopped before the file was complete."""


def write_safetensors(
    file: BinaryIO, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], stopped: Callable[[], bool]
) -> None:
    """Write tensors on any device to a file. Raises: Stopped, OSError, KeyError.

    All tensors whose size is a multiple of the alignment are aligned, because they come first.

    stopped: returns True if no more should be written; called before each piece
    """
    names = sorted(
        tensors, key=lambda name: (tensors[name].nbytes % ALIGNMENT > 0, -tensors[name].element_size(), name)
    )
    file.write(_header({name: tensors[name] for name in names}, metadata))
    for name in names:
        data = tensors[name].to("cpu").reshape(-1).view(torch.uint8).numpy().data
        for begin in range(0, len(data), PIECE_BYTES):
            if stopped():
                raise Stopped
            file.write(data[begin : begin + PIECE_BYTES])


def _header(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Return the header of a file that holds the tensors in this order, with the length of the header before it."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    start = 0
    for name, tensor in tensors.items():
        entry = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape)}
        header[name] = {**entry, "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(LENGTH_BYTES + len(text)) % ALIGNMENT)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text
