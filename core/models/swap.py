"""Replace the VAE of a model by another one. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from core.errors import ModelBroken, ModelMissing, ModelUnsupported
from core.foreign import file_state

from .card import ModelCard, vae_factor
from .derived.vae import SCALING
from .evidence import file_evidence
from .file_parts import networks_in
from .kinds.identity import Identity
from .part import WEIGHT_STEMS, PartSource
from .probe import read_part
from .recognize import recognize, recognize_evidence
from .refusal import refusal
from .scan import candidate_at, name_of

VAE: Final = "vae"

LIKE_MOST: Final = "sd1"  # the family whose scaling factor is assumed for a VAE of an unknown family
KL: Final = ("sd1", "sd2", "sdxl", "sd3", "flux1", "z-image")  # families with diffusers' AutoencoderKL

Latents = tuple[int, int]
"""The number of channels of latents, and how many pixels one stands for along each side."""


def vae_at(path: Path, family: str = "") -> PartSource:
    """Return the location of a VAE: a folder or file that holds only a VAE, or a model that contains one.

    family: the family of the model that will use the VAE; it determines the scaling factor, which no tensor shows.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    if path.stem == WEIGHT_STEMS[VAE] and os.path.isfile(path.parent / "config.json"):
        path = path.parent  # its settings lie beside it
    for folder in (path / VAE, path):
        if os.path.isfile(folder / "config.json"):
            return read_part(folder, VAE)
    if not os.path.lexists(path):
        raise ModelMissing(str(path), [path.parent], [], kind="VAE")
    if not os.path.isfile(path):
        raise refusal(recognize(candidate_at(path)), as_vae=True)
    return _vae_in(path, family, file_state(path.stat()))


@lru_cache(64)
def _vae_in(path: Path, family: str, state: object) -> PartSource:
    """Return the location of the VAE in a file, whose header is read again only after the file has changed."""
    evidence = file_evidence(path)
    found = recognize_evidence(evidence, name_of(path))
    if found.container != "safetensors" or not _has_vae(found.identity):
        raise refusal(found, as_vae=True)
    usual = family or found.identity.family
    return networks_in(evidence, found.identity, usual if usual in SCALING else LIKE_MOST, only=(VAE,))[VAE]


def _has_vae(identity: Identity) -> bool:
    is_whole = identity.kind == VAE and not identity.variant and identity.family in KL
    return is_whole or (identity.kind == "model" and VAE in [part.role for part in identity.parts])


def latents_of(vae: PartSource) -> Latents:
    """Return the form of the latents that a VAE encodes and decodes. Raises: ModelBroken."""
    try:
        return int(vae.config.get("latent_channels", 4)), vae_factor(vae.config)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise ModelBroken(vae.path, f"its settings are invalid ({error!r:.200})") from error


def with_vae(card: ModelCard, vae: PartSource) -> ModelCard:
    """Return a model with another VAE. Raises: ModelBroken, ModelUnsupported, if their latents differ in form."""
    mine, theirs = (card.latent_channels, card.vae_scale_factor), latents_of(vae)
    if mine != theirs:
        raise ModelUnsupported(vae.path, misfit(mine, theirs), HINT)
    parts: Mapping[str, Any] = {**card.parts, VAE: vae}
    return replace(card, parts=parts, size_bytes=card.size_bytes - card.part(VAE).size_bytes + vae.size_bytes)


HINT: Final = "choose another VAE, or use this one with another model: `--model MODEL`"


def misfit(model: Latents, vae: Latents) -> str:
    """Return why a VAE does not suit a model, given the latents of both."""
    if model[0] != vae[0]:
        return f"its latents have {vae[0]} channels, but those of the model have {model[0]}"
    return f"it works with {vae[1]}x{vae[1]} pixels per latent; this model needs {model[1]}x{model[1]}"
