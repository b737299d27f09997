"""How much memory the weights of a model take on a device, known from headers. Does not import torch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.devices import Device

from .card import ModelCard
from .copy_place import copy_place
from .folder_files import read_header
from .kinds.precision import dtype_of
from .part import PartSource

WIDTHS: Final = {"fp64": 8, "fp32": 4, "fp16": 2, "bf16": 2, "fp8_e4m3": 1, "fp8_e5m2": 1}  # bytes per weight


@dataclass(frozen=True, slots=True)
class PartNeed:
    """The memory that a part's weights take; if they are `mapped`, the operating system can read them again.

    On a CPU, weights are mapped from their file or, if they have to be converted, from a converted copy.
    """

    size_bytes: int
    mapped: bool


def part_needs(card: ModelCard, device: Device, copies: Path | None = None) -> Mapping[str, PartNeed]:
    """Return what each part needs on a device, by the name of the part. copies: the folder of converted copies.

    Raises: ModelBroken, PickleRefused.
    """
    return {
        name: _need(card.parts[name], replace(device, dtype_name=card.dtype_of(name, device.dtype_name)), copies)
        for name in card.part_bytes
    }


def need_of(size_bytes: int, stored: str, device: Device) -> PartNeed:
    """Return what weights of a size need on a device. stored: the precision in which they are stored (`fp16`)."""
    width = WIDTHS.get(stored, WIDTHS[device.dtype_name])
    mapped = device.kind == "cpu" and stored == device.dtype_name
    return PartNeed(size_bytes * WIDTHS[device.dtype_name] // width, mapped)


def _need(source: PartSource, device: Device, copies: Path | None) -> PartNeed:
    found = need_of(source.size_bytes, stored_dtype(source, device.dtype_name), device)
    is_copied = device.kind == "cpu" and not found.mapped and _is_copied(source, device, copies)
    return replace(found, mapped=True) if is_copied else found


def _is_copied(source: PartSource, device: Device, copies: Path | None) -> bool:
    """Return True if there is a converted copy of a part, which is mapped."""
    if copies is None or not any(copies.glob(f"*-{device.dtype_name}/{source.name}.safetensors")):
        return False  # found out without reading the source
    with suppress(OSError):
        return copy_place(copies, source, device).is_there()
    return False


@lru_cache(256)
def stored_dtype(source: PartSource, variant: str) -> str:
    """Return the precision of a part's weights in the file that would be loaded."""
    contents = read_header(source.files(variant)[0])
    return dtype_of(contents, [name for name in contents.dtypes if name.startswith(source.prefix)])
