"""What the header of a weight file says: the names, shapes and types of its tensors, and its metadata."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final

from core.foreign import ForeignData

MAX_TENSORS: Final = 200_000  # maximum number of tensors in a file; the largest known models have some 20,000
MAX_NAME: Final = 1000  # maximum number of characters in the name of a tensor
MAX_RANK: Final = 16  # maximum number of dimensions of a tensor

DTYPE_BITS: Final = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
    "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip
"""The number of bits of one element, by the name of its type in safetensors."""

_BAD_NAME = re.compile(r"[\x00-\x1f\x7f]|(?:^|[/\\])\.\.(?:[/\\]|$)")

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # never compared; this saves time at the start
class Contents:
    """The tensors of a file by name, in the order of the file, and the metadata that its author has added.

    dtypes: safetensors' names of types (`BF16`), or those of GGUF (`Q4_K`). sizes: bytes per tensor; a size that is
    missing follows from shape and type. starts: the position of each tensor in a safetensors file.
    """

    shapes: Mapping[str, Shape]
    dtypes: Mapping[str, str]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)

    def size_of(self, name: str) -> int:
        """Return the size of a tensor in bytes; a type of unknown size counts as 0."""
        if name in self.sizes:
            return self.sizes[name]
        return bytes_of(self.shapes[name], self.dtypes[name])


EMPTY: Final = Contents({}, {})


def bytes_of(shape: Shape, dtype: str) -> int:
    """Return the size in bytes of a tensor, rounded up; a type of unknown size counts as 0."""
    return (prod(shape) * DTYPE_BITS.get(dtype, 0) + 7) // 8


def check_name(name: object) -> str:
    """Return the name of a tensor if it is usable: not empty, without control characters, and not a path with `..`.

    Raises: ForeignData.
    """
    if not isinstance(name, str) or not name or len(name) > MAX_NAME or _BAD_NAME.search(name):
        raise ForeignData(f"has a tensor with an invalid name: {name!r:.60}")
    return name


def check_names(names: Collection[str]) -> None:
    """Check that all names of tensors are usable, see `check_name`; many names are searched at once.

    Raises: ForeignData.
    """
    joined = "".join(names)
    if "" in names or max(map(len, names), default=0) > MAX_NAME or ".." in joined or not joined.isprintable():
        for name in names:
            check_name(name)


def merge(parts: list[Contents]) -> Contents:
    """Return the contents of all shards of a model together."""
    if len(parts) == 1:
        return parts[0]
    return Contents(
        {name: shape for part in parts for name, shape in part.shapes.items()},
        {name: dtype for part in parts for name, dtype in part.dtypes.items()},
        {key: value for part in parts for key, value in part.metadata.items()},
        {name: size for part in parts for name, size in part.sizes.items()},
    )
