"""A model on a device; its parts are loaded on first use, in the background, so that loading can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from core.devices import Device
from core.errors import ModelBroken
from core.stopping import IsCancelled, in_background, never

from .card import ModelCard
from .memory import ModelMemory

if TYPE_CHECKING:
    from core.text.encoder import TextModel


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model card, a device, and the memory that holds the loaded parts.

    cancelled: returns True if loading or computing is to end; Cancelled is raised then
    """

    card: ModelCard
    device: Device
    memory: ModelMemory = field(default_factory=ModelMemory)
    cancelled: IsCancelled = field(default=never, compare=False)

    @property
    def size_bytes(self) -> int:
        """The size of all weights in bytes, as stored."""
        return self.card.size_bytes

    @property
    def wants_pooled(self) -> bool:
        """Whether the UNet takes a pooled state, and hidden states of the second-last layer without the final norm."""
        return self.card.time_ids > 0

    @property
    def zeros_for_empty(self) -> bool:
        """Whether an empty negative prompt is encoded as zeros."""
        return self.card.zeros_for_empty

    def text(self, part: str = "") -> TextModel:
        """Return a text encoder, by default the first one, with its tokenizer."""
        from .load_text import load_text

        part = part or self.card.encoders[0]
        text: TextModel = self._get(part, partial(load_text, part=part))
        return text

    def texts(self) -> tuple[TextModel, ...]:
        """Return all text encoders with their tokenizers. Raises: ModelBroken, if they cannot be used together."""
        texts = tuple([self.text(part) for part in self.card.encoders])
        limits = sorted({text.tokenizer.limit for text in texts})
        if len(limits) > 1:
            raise ModelBroken(self.card.path, f"its text encoders take {limits[0]} and {limits[-1]} tokens at once")
        return texts

    def unet(self) -> Any:
        """Return the UNet."""
        from .load import load_unet

        return self._get("unet", load_unet)

    def vae(self) -> Any:
        """Return the VAE (variational autoencoder)."""
        from .load import load_vae

        return self._get("vae", load_vae)

    def scheduler_config(self) -> dict[str, Any]:
        """Return the settings of the noise schedule that the model was trained with."""
        return dict(self.card.schedule)

    def _get(self, part: str, load: Callable[..., Any]) -> Any:
        from .load import size_of, weight_bytes

        def loaded(card: ModelCard, device: Device) -> Any:
            work = partial(load, card, device, copies=self.memory.copies, cancelled=self.cancelled)
            return in_background(work, self.cancelled)

        return self.memory.get(
            self.card, part, self.device, load=loaded, size=size_of, weights=weight_bytes, cancelled=self.cancelled
        )
