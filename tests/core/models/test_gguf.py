"""The header of a GGUF file: shapes in the order of torch, keys, types, and limits."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pytest

from core.foreign import ForeignData
from core.models.contents import Contents
from core.models.evidence import file_evidence
from core.models.gguf import TYPES, read_gguf
from core.models.kinds.precision import BLOCKS, dtype_of
from tests.core.models.headers import gguf_entry, gguf_start, write_gguf


def contents(data: bytes) -> Contents:
    return read_gguf(io.BytesIO(data), len(data))


def value(kind: int, data: bytes) -> bytes:
    """Return the start of a file with one key `k` of this type."""
    return b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<I", kind) + data


def test_shapes_types_and_sizes_are_read(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"q": (512, 256), "b": (7,)}, "Q4_K", {"general.architecture": "flux"})
    found = file_evidence(path).contents
    assert dict(found.shapes) == {"q": (512, 256), "b": (7,)}
    assert dict(found.dtypes) == {"q": "Q4_K", "b": "F32"}
    assert found.metadata["general.architecture"] == "flux"
    assert (found.size_of("q"), found.size_of("b")) == (512 * 144, 28)


def test_the_original_shape_of_a_reshaped_tensor_is_read(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"patch_embedding.weight": (96, 16, 1, 2, 2)})
    assert file_evidence(path).shapes["patch_embedding.weight"] == (96, 16, 1, 2, 2)


@pytest.mark.parametrize("listed", [[96, 16], [-1, 4], "wide"])
def test_an_original_shape_that_does_not_fit_is_ignored(listed: Any) -> None:
    start = gguf_start(1, {"comfy.gguf.orig_shape.a": listed}) + gguf_entry("a", (4, 2), 0, 0)
    assert contents(start + b"\0" * 100).shapes["a"] == (4, 2)


def test_the_type_of_a_file_is_a_quantized_one_even_if_other_weights_take_more_bytes() -> None:
    dtypes = {"norm": "F32", "conv": "F16", "q": "Q4_0", "k": "Q6_K"}
    sizes = {"norm": 4000, "conv": 2000, "q": 500, "k": 400}
    held = Contents(dict.fromkeys(dtypes, (1,)), dtypes, {}, sizes)
    assert dtype_of(held, held.shapes) == "Q4_0"
    assert dtype_of(held, ("norm", "conv")) == "fp32"


def test_every_type_that_stores_weights_in_blocks_counts_as_quantized() -> None:
    assert {name for name, block, _ in TYPES.values() if block > 1} == {
        name for name, *_ in TYPES.values() if name.startswith(BLOCKS)
    }


def test_a_type_that_is_not_known_is_named_by_its_number() -> None:
    assert contents(gguf_start(1, {}) + gguf_entry("a", (4,), 99, 0) + b"\0" * 64).dtypes["a"] == "type 99"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (0, b"\x07", 7),
        (5, struct.pack("<i", -3), -3),
        (6, struct.pack("<f", 0.5), 0.5),
        (7, b"\x01", True),
        (8, struct.pack("<Q", 2) + b"\xff!", "\ufffd!"),
        (9, struct.pack("<IQII", 4, 2, 8, 9), [8, 9]),
        (9, struct.pack("<IQ", 4, 100) + b"\0" * 400, None),
        (9, struct.pack("<IQ", 8, 100) + struct.pack("<Q", 0) * 100, None),
    ],
)
def test_values_of_every_type_are_read_and_long_arrays_are_skipped(kind: int, data: bytes, expected: object) -> None:
    assert contents(value(kind, data)).metadata == {"k": expected}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GGML" + b"\0" * 20, "is not a GGUF file"),
        (value(13, b""), "has a GGUF header with a value of an unknown type"),
        (value(9, struct.pack("<IQ", 9, 1) + b"\0" * 12), "has a GGUF header with a value of an unknown type"),
        (value(8, struct.pack("<Q", 2**63)), f"has a GGUF header with {2**63} entries; the limit is 67108864"),
        (value(9, struct.pack("<IQ", 8, 2**40)), f"has a GGUF header with {2**40} entries; the limit is 1000000"),
        (gguf_start(1, {}) + struct.pack("<Q", 1) + b"a" + struct.pack("<I", 2**31), "of 2147483648 dimensions"),
        (gguf_start(0, {"general.alignment": "wide"}), "has a GGUF header with an invalid alignment"),
    ],
)
def test_a_header_with_impossible_numbers_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ForeignData, match=why):
        contents(data)


@pytest.mark.parametrize("length", range(4, 90, 5))
def test_a_header_that_ends_anywhere_is_refused(length: int) -> None:
    whole = gguf_start(1, {"general.name": "fox"}) + gguf_entry("a.weight", (4, 3), 1, 0)
    with pytest.raises(ForeignData):
        contents(whole[:length])
