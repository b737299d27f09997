"""A model on a device; its parts are loaded on first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.devices import Device

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

    def text(self) -> TextModel:
        """Return the tokenizer and the text encoder."""
        from .load_text import load_text

        text: TextModel = self._get("text_encoder", load_text)
        return text

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

    def _get(self, part: str, load: Callable[[ModelCard, Device], Any]) -> Any:
        from .load import size_of

        return self.memory.get(self.card, part, self.device, load=load, size=size_of)
