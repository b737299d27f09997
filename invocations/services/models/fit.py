"""Whether a model fits into memory: what it needs, what is free, and what to do if it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from invocations.errors import InvocationError
from invocations.services.errors import ServiceError
from invocations.services.translate_errors import translated

from .base import NO_SIZE, TOO_LARGE, MemoryFit, gigabytes
from .peaks import Kind, Peak, Peaks

if TYPE_CHECKING:
    from core.devices import Device
    from core.models.card import ModelCard
    from core.models.need import PartNeed

PROGRAM_BYTES: Final = 300 * 10**6  # what torch and other libraries take in RAM
SMALLER_DTYPE: Final = {"cpu": ("fp32", "bfloat16"), "cuda": ("fp32", "float16"), "mps": ("fp32", "float16")}


class Fits:
    """Compares what models need with what is free, and remembers what runs have needed.

    device and dtype: the settings. limit: returns how many bytes models may take on a device, or None if not known.
    copies: the folder of converted copies of models.
    """

    def __init__(
        self,
        device: str,
        dtype: str,
        peaks: Peaks,
        limit: Callable[[Device], int | None],
        copies: Path | None = None,
    ) -> None:
        self._device, self._dtype, self._peaks = device, dtype, peaks
        self._limit, self._copies = limit, copies
        self._places: dict[int, tuple[Device, str]] = {}  # by the size of a model

    def of(self, card: ModelCard, state: str, size: tuple[int, int] = NO_SIZE) -> MemoryFit | None:
        """Return whether a model fits, for images of a size, or without images; None if its files are unusable.

        state: describes the state of the model's files.
        """
        from core.models.need import part_needs

        device, on = self._place(card.size_bytes)
        try:
            with translated():
                needs = [*part_needs(card, device, self._copies).values()]
        except InvocationError:
            return None
        peak = self._peaks.of(Kind(state, on, size))
        return fit_of(needs, peak, self._limit(device), 0 if device.kind == "cuda" else PROGRAM_BYTES)

    def words(self, weights: Iterable[tuple[int, str]]) -> list[str]:
        """Return whether each of several weights fits, estimated without opening a file; see `MemoryFit.word`.

        weights: the size of each in bytes, and the precision in which it is stored, such as `fp16`
        """
        from core.models.need import need_of

        free: dict[str, int | None] = {}  # by kind of device, so that it is measured once
        found = []
        for size_bytes, stored in weights:
            device, _ = self._place(size_bytes)
            if device.kind not in free:
                free[device.kind] = self._limit(device)
            program = 0 if device.kind == "cuda" else PROGRAM_BYTES
            found.append(fit_of([need_of(size_bytes, stored, device)], None, free[device.kind], program).word)
        return found

    def check(self, card: ModelCard, state: str, size: tuple[int, int] = NO_SIZE) -> None:
        """Refuse a model that cannot fit. Raises: ServiceError."""
        fit = self.of(card, state, size)
        if fit is not None and fit.word == TOO_LARGE:
            assert fit.free is not None
            device, _ = self._place(card.size_bytes)
            raise too_large(card.name, fit, device, size)

    def keep(self, card: ModelCard, state: str, size: tuple[int, int], node: str, size_bytes: int) -> None:
        """Remember the peak memory of a node that used a model, if it is more than nothing."""
        if size_bytes > 0:
            self._peaks.add(Kind(state, self._place(card.size_bytes)[1], size), node, size_bytes)

    def _place(self, size_bytes: int) -> tuple[Device, str]:
        """Return the device in the precision of a model of a size, and a description; `auto` may stand for CUDA."""
        if size_bytes in self._places:
            return self._places[size_bytes]
        from core.device_class import device_class, model_dtype
        from core.devices import DTYPES, KINDS, Device

        name, dtype = device_class(self._device, self._dtype)
        dtype = model_dtype(name, self._dtype, lambda: size_bytes) or dtype
        short = {long: short for short, long in DTYPES.items()}.get(dtype, "fp16")
        place = Device(name if name in KINDS else "cuda", 0, short), f"{name} {dtype}"
        return self._places.setdefault(size_bytes, place)


def fit_of(needs: Sequence[PartNeed], peak: Peak | None, free: int | None, program_bytes: int = 0) -> MemoryFit:
    """Return whether parts fit into free memory, in bytes.

    peak: of earlier runs, None if there were none. program_bytes: what the program itself needs
    """
    total = sum([each.size_bytes for each in needs])
    mapped = sum([each.size_bytes for each in needs if each.mapped])
    largest = max([each.size_bytes for each in needs if not each.mapped], default=0)
    most = peak.size_bytes if peak else total + program_bytes
    return MemoryFit(most, max(most - total, 0) + largest, peak.runs if peak else 0, free, mapped > total - mapped)


def too_large(name: str, fit: MemoryFit, device: Device, size: tuple[int, int] = NO_SIZE) -> ServiceError:
    """Return the error for a model that does not fit; its hint says what to write instead."""
    smaller = [f"`--width {_half(size[0])} --height {_half(size[1])}`"] if size != NO_SIZE and fit.runs else []
    wide, narrow = SMALLER_DTYPE[device.kind]
    smaller += [f"`--dtype {narrow}`"] if device.dtype_name == wide else []
    setting = "vram_limit" if device.kind == "cuda" else "ram_limit"
    allowed = f"`config set {setting} {gigabytes(fit.least, up=True)}GB` allows it"
    return ServiceError(
        f"the model `{name}` {fit}",
        f"use {' or '.join(smaller)}; {allowed}" if smaller else allowed,
        code="does_not_fit",
        needs=fit.needs,
        least=fit.least,
        free=fit.free,
    )


def _half(side: int) -> int:
    return max(side // 16 * 8, 64)
