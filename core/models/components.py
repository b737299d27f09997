"""A model on a device; its parts are loaded on first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from core.devices import Device
from core.errors import ModelBroken

from .card import ModelCard
from .memory import ModelMemory

if TYPE_CHECKING:
    from core.text.encoder import TextModel


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model card, a device, and the memory that holds the loaded parts."""

    card: ModelCard
    device: Device
    memory: ModelMemory = field(default_factory=ModelMemory)

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

        load = partial(load, copies=self.memory.copies)
        return self.memory.get(self.card, part, self.device, load=load, size=size_of, weights=weight_bytes)
