"""Replace the VAE of a model by another one. Does not import torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError, ModelUnsupported

from .card import ModelCard, vae_factor
from .part import PartSource
from .probe import read_part
from .weight_files import read_header

VAE: Final = "vae"


def vae_at(path: Path) -> PartSource:
    """Return where the VAE in a folder lies: a folder with only a VAE, or a model that has one.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    source = read_part(path / VAE if (path / VAE).is_dir() else path, VAE)
    for file in source.files():
        read_header(file)
    return source


def with_vae(card: ModelCard, vae: PartSource) -> ModelCard:
    """Return a model with another VAE. Raises: ModelBroken, ModelUnsupported, if it does not suit the model."""
    reason = misfit(card, vae.config)
    if reason:
        raise ModelUnsupported(vae.path, reason)
    parts = {**card.parts, VAE: vae}
    return replace(card, parts=parts, size_bytes=card.size_bytes - card.part(VAE).size_bytes + vae.size_bytes)


def misfit(card: ModelCard, vae: Mapping[str, Any]) -> str:
    """Return why a VAE with this config does not work with the latents of a model, or ""."""
    channels, factor = vae.get("latent_channels", 4), vae_factor(vae)
    if channels != card.latent_channels:
        return f"its latents have {channels} channels, but those of `{card.name}` have {card.latent_channels}"
    if factor != card.vae_scale_factor:
        return f"its latents stand for {factor} pixels a side, but those of `{card.name}` for {card.vae_scale_factor}"
    return ""
