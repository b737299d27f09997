"""Whether a model fits into memory: what it needs, what is free, and what to do if it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from invocations.errors import InvocationError
from invocations.services.errors import ServiceError
from invocations.services.translate_errors import translated

from .base import NO_SIZE, TOO_LARGE, MemoryFit
from .batch_peaks import batch_name
from .peaks import Kind, OpenRuns, Peak, Peaks

if TYPE_CHECKING:
    from core.devices import Device
    from core.models.card import ModelCard
    from core.models.need import PartNeed

PROGRAM_BYTES: Final = 300 * 10**6  # what torch and other libraries take in RAM
SMALLER_DTYPE: Final = {"cpu": ("fp32", "bf16"), "cuda": ("fp32", "fp16"), "mps": ("fp32", "fp16")}
SMALLEST: Final = 64  # the smallest width and height in pixels that a hint names


class Fits:
    """Compares what models need with what is free, and remembers what runs have needed.

    device and dtype: the settings. limit: returns how many bytes models may take on a device, or None if not known.
    copies: the folder of converted copies of models. advise: returns how models can take more bytes on a device, or ""
    """

    def __init__(
        self,
        device: str,
        dtype: str,
        peaks: Peaks,
        limit: Callable[[Device], int | None],
        copies: Path | None = None,
        advise: Callable[[Device, int], str] = lambda device, size_bytes: "",
    ) -> None:
        self._device, self._dtype, self._peaks = device, dtype, peaks
        self._limit, self._copies, self._advise = limit, copies, advise
        self._runs = OpenRuns(peaks)
        self._places: dict[int, tuple[Device, str]] = {}  # by the size of a model

    def of(self, card: ModelCard, state: str, size: tuple[int, int] = NO_SIZE) -> MemoryFit | None:
        """Return whether a model fits, for images of a size, or without images; None if its files are unusable.

        state: describes the state of the model's files.
        """
        device, on = self._place(card.size_bytes)
        known = self._peaks.by_size(Kind(state, on, size))
        try:
            return self._fit(card, device, known, size)
        except InvocationError:
            return None

    def _fit(
        self, card: ModelCard, device: Device, known: Mapping[tuple[int, int], Peak], size: tuple[int, int]
    ) -> MemoryFit:
        """Compare what a model needs on a device with what is free; `known` are the measured peaks, by size."""
        from core.models.need import part_needs

        with translated():
            needs = [*part_needs(card, device, self._copies).values()]
        program = 0 if device.kind == "cuda" else PROGRAM_BYTES
        peak, at = peak_at(known, size)
        return fit_of(needs, peak, self._limit(device), program, at)

    def largest_batch(
        self, card: ModelCard, state: str, size: tuple[int, int], node: str, *, wanted: int = 0, free: int | None = None
    ) -> int:
        """Return how many images of a size a node can make at once, as far as earlier runs tell; 1 if there were none.

        On a CPU, only small models gain from batches. wanted: a number to be used unless memory ran out for it; 0 if
        memory decides. free: how many bytes models may take (default: in this process)
        """
        device, on = self._place(card.size_bytes)
        known = self._peaks.of_batches(Kind(state, on, size), node)
        free = (self._limit(device) if free is None else free) or 0
        if wanted:
            return known.limited(wanted, free)
        from core.devices import SMALL_MODEL_BYTES
        from core.models.need import part_needs

        if device.kind == "cpu" and card.size_bytes >= SMALL_MODEL_BYTES:
            return 1
        return known.largest(free, sum([need.size_bytes for need in part_needs(card, device, self._copies).values()]))

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
        if fit is None or fit.word != TOO_LARGE:
            return
        device, on = self._place(card.size_bytes)
        known = self._peaks.by_size(Kind(state, on, size))
        options = [self._smaller_size(card, device, known, size), self._smaller_dtype(card, device, fit)]
        sizes = [size] if size != NO_SIZE else [NO_SIZE, *known]  # without a size, the limit suffices for all that ran
        least = max([self._fit(card, device, known, each).least for each in sizes])
        raise too_large(card.name, fit, [each for each in options if each], self._advise(device, least))

    def _smaller_size(
        self, card: ModelCard, device: Device, known: Mapping[tuple[int, int], Peak], size: tuple[int, int]
    ) -> str:
        """Return the options for the largest half, quarter or eighth of a size at which the model should fit, or ""."""
        whole, none = (self._fit(card, device, known, each) for each in (size, NO_SIZE))
        for share in (2, 4, 8):
            width, height = (side // share // card.size_multiple * card.size_multiple for side in size)
            grown = max(whole.least - none.least, 0) // share**2
            least = max(self._fit(card, device, known, (width, height)).least, none.least + grown)
            if min(width, height) >= SMALLEST and whole.free is not None and least <= whole.free:
                return f"--width {width} --height {height}"
        return ""

    def _smaller_dtype(self, card: ModelCard, device: Device, fit: MemoryFit) -> str:
        """Return the option for a smaller precision in which the model should fit, or ""."""
        wide, narrow = SMALLER_DTYPE[device.kind]
        if device.dtype_name != wide or fit.free is None:
            return ""
        from core.devices import DTYPES

        smaller = replace(device, dtype_name=narrow)
        now, then = (self._fit(card, each, {}, NO_SIZE).least for each in (device, smaller))
        return f"--dtype {DTYPES[narrow]}" if fit.least - now + then <= fit.free else ""

    def has_run(self, card: ModelCard, state: str) -> bool:
        """Return True if an earlier run of a model was measured on this device in this precision, at any size."""
        return bool(self._peaks.by_size(Kind(state, self._place(card.size_bytes)[1], NO_SIZE)))

    def keep(
        self, card: ModelCard, state: str, size: tuple[int, int], node: str, size_bytes: int, place: str = "whole"
    ) -> None:
        """Remember the peak memory of a node that used a model, if it is more than nothing; see `OpenRuns.add`."""
        if size_bytes > 0:
            self._runs.add(Kind(state, self._place(card.size_bytes)[1], size), node, size_bytes, place)

    def keep_batch(
        self, card: ModelCard, state: str, size: tuple[int, int], node: str, images: int, size_bytes: int | None
    ) -> None:
        """Remember the peak memory of a node that ran for several images at once; None if memory ran out."""
        device, on = self._place(card.size_bytes)
        found = self._limit(device) if size_bytes is None else size_bytes
        if found is not None and found > 0:
            self._peaks.add_batch(Kind(state, on, size), batch_name(node, images, failed=size_bytes is None), found)

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


def peak_at(known: Mapping[tuple[int, int], Peak], size: tuple[int, int]) -> tuple[Peak | None, tuple[int, int]]:
    """Return the peak for images of a size, which need at least as much as smaller ones; None if it is not known.

    Also return the smaller size that the peak was measured at, or NO_SIZE if it was measured at this size.
    """
    smaller = [each for each in known if each[0] * each[1] <= size[0] * size[1]]
    if not smaller:
        return None, NO_SIZE
    at = max(smaller, key=lambda each: known[each].size_bytes)
    runs = known[size].runs if size in known else 0
    return Peak(known[at].size_bytes, runs), NO_SIZE if runs else at


def fit_of(
    needs: Sequence[PartNeed],
    peak: Peak | None,
    free: int | None,
    program_bytes: int = 0,
    at: tuple[int, int] = NO_SIZE,
) -> MemoryFit:
    """Return whether parts fit into free memory, in bytes.

    peak: of earlier runs, None if there were none. program_bytes: what the program itself needs. at: the smaller size
    at which the peak was measured, if it is not that of the images
    """
    total = sum([each.size_bytes for each in needs])
    mapped = sum([each.size_bytes for each in needs if each.mapped])
    largest = max([each.size_bytes for each in needs if not each.mapped], default=0)
    if peak is None or (not peak.runs and peak.size_bytes < total + program_bytes):
        peak, at = Peak(total + program_bytes, 0), NO_SIZE
    least = max(peak.size_bytes - total, 0) + largest
    return MemoryFit(peak.size_bytes, least, peak.runs, free, mapped > total - mapped, at)


def too_large(name: str, fit: MemoryFit, options: Sequence[str], allowed: str = "") -> ServiceError:
    """Return the error for a model that does not fit.

    options: each makes the model fit. allowed: how to allow models to take more memory, or ""
    """
    smaller = f"use {' or '.join([f'`{each}`' for each in options])}" if options else ""
    return ServiceError(
        f"the model `{name}` {fit}",
        "; ".join([each for each in (smaller, allowed) if each]) or "close other programs, or use a smaller model",
        code="does_not_fit",
        needs=fit.needs,
        least=fit.least,
        free=fit.free,
    )
