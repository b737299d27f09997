"""What runs with a model have taken: it is remembered, and decides how many images are made at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from invocations.services.translate_errors import translated
from invocations.values import ModelRef

from .fingerprints import state_of

if TYPE_CHECKING:
    from core.models.card import ModelCard

    from .fit import Fits


class ModelRuns:
    """The measured runs of models. card: returns the card of a model; fits: None if nothing is measured."""

    def __init__(self, card: Callable[[ModelRef], ModelCard], fits: Fits | None) -> None:
        self._card = card
        self._fits = fits

    def has_run(self, card: ModelCard) -> bool:
        """Return True if the model is known to have run on this device in this precision."""
        return self._fits is not None and self._fits.has_run(card, state_of(card))

    def keep_peak(
        self, ref: ModelRef, size: tuple[int, int], place: str, node: str, size_bytes: int, batch: int = 1
    ) -> None:
        """Remember the peak memory of a node that used a model, for a number of images; see `OpenRuns.add`.

        Raises: ServiceError.
        """
        if self._fits is None:
            return
        with translated():
            card = self._card(ref)
            if batch > 1:
                self._fits.keep_batch(card, state_of(card), size, node, batch, size_bytes)
            else:
                self._fits.keep(card, state_of(card), size, node, size_bytes, place)

    def ran_out(self, ref: ModelRef, size: tuple[int, int], node: str, batch: int) -> None:
        """Remember that memory ran out for a number of images at once. Raises: ServiceError."""
        if self._fits is not None:
            with translated():
                card = self._card(ref)
                self._fits.keep_batch(card, state_of(card), size, node, batch, None)

    def largest_batch(self, ref: ModelRef, size: tuple[int, int], node: str, *, wanted: int, free: int | None) -> int:
        """Return how many images of a size a node can make at once; see `Fits.largest_batch`. Raises: ServiceError."""
        if self._fits is None:
            return wanted or 1
        with translated():
            card = self._card(ref)
            return self._fits.largest_batch(card, state_of(card), size, node, wanted=wanted, free=free)
