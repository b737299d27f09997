"""Write a safetensors file piece by piece, so that it can be stopped and no second copy of the weights is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

import torch
from torch import Tensor

TYPES: Final = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip
PIECE_BYTES: Final = 16 * 2**20
ALIGNMENT: Final = 8  # the tensors begin at a multiple of this many bytes


class Stopped(Exception):
    """Writing was stopped before the file was complete."""


def write_safetensors(
    file: BinaryIO, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], stopped: Callable[[], bool]
) -> None:
    """Write contiguous tensors on the CPU to a file, the widest types first. Raises: Stopped, OSError, KeyError.

    stopped: returns True if no more should be written; called before each piece
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header, start = {"__metadata__": dict(metadata)}, 0
    for name in names:
        tensor = tensors[name]
        entry = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape)}
        header[name] = {**entry, "data_offsets": [start, start + tensor.nbytes]}  # type: ignore[dict-item]
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        data = tensors[name].reshape(-1).view(torch.uint8).numpy().data
        for begin in range(0, len(data), PIECE_BYTES):
            if stopped():
                raise Stopped
            file.write(data[begin : begin + PIECE_BYTES])
