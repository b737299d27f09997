"""References to models whose VAE is replaced, and the cards of such models."""

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
    """Return a reference to a model with its VAE replaced. own: the fingerprint of the model with its own parts."""
    others = [part for part in model.parts or () if part[0] != VAE]
    parts = (*others, (VAE, vae.name, vae.path))
    return replace(model, name=joined(own, [(name, fingerprint) for name, fingerprint, _ in parts]), parts=parts)


def card_with(card: ModelCard, parts: Parts) -> ModelCard:
    """Return a model card in which these parts are replaced. Raises: ModelError."""
    from core.models.swap import with_vae

    for _, _, path in parts:
        card = with_vae(card, source_at(path, card.family))
    return card


def source_at(path: str | Path, family: str = "") -> PartSource:
    """Return the location of the VAE at a path, for a model of this family. Raises: ModelError."""
    from core.models.swap import vae_at

    return vae_at(Path(path), family)
