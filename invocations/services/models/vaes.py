"""Models with the VAE of another one: their references, and the cards that the core makes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from invocations.values import ModelRef, Parts

from .fingerprints import joined

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from core.models.part import PartSource

VAE: Final = "vae"
MODEL: Final = "model"


def exchanged(model: ModelRef, own: str, vae: ModelRef) -> ModelRef:
    """Return a model with another VAE; `own` is the fingerprint of the model without parts of others."""
    others = [part for part in model.parts or () if part[0] != VAE]
    parts = (*others, (VAE, vae.name, vae.path))
    return replace(model, name=joined(own, [(name, fingerprint) for name, fingerprint, _ in parts]), parts=parts)


def card_with(card: ModelCard, parts: Parts) -> ModelCard:
    """Return the card of a model with parts of others. Raises: ModelError."""
    from core.models.swap import with_vae

    for _, _, path in parts:
        card = with_vae(card, source_at(path, card.family))
    return card


def source_at(path: str | Path, family: str = "") -> PartSource:
    """Return where the VAE at a path lies, for a model of a family. Raises: ModelError."""
    from core.models.swap import vae_at

    return vae_at(Path(path), family)
