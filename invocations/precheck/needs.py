"""Refuse a model that lacks the mask or image it needs, and a VAE that does not suit a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from invocations.errors import BadValue

if TYPE_CHECKING:
    from invocations.services.models.base import Latents, ModelSettings

OTHER_VAE = "choose another VAE, or use this one with another model: `--model MODEL`"
OTHER_MODEL = "or choose another model with `--model`"


def refuse_without_mask(models: Iterable[ModelSettings]) -> None:
    """Refuse models that are made for inpainting. Raises: BadValue."""
    for settings in models:
        if settings.needs_mask:
            message = f"{_named(settings)} is made for inpainting and needs a mask"
            raise BadValue("model", message, f"use `inpaint`, {OTHER_MODEL}")


def refuse_without_image(models: Iterable[ModelSettings]) -> None:
    """Refuse models that edit images by instructions. Raises: BadValue."""
    for settings in models:
        if settings.needs_image:
            message = f"{_named(settings)} edits images and needs an image to edit"
            raise BadValue("model", message, f"use `i2i` with an image and an instruction, {OTHER_MODEL}")


def refuse_vae(name: str, vae: Latents, models: Iterable[ModelSettings]) -> None:
    """Refuse a VAE for models whose latents differ in form. Raises: BadValue."""
    for settings in models:
        own = settings.latents
        if own is None or own == vae:
            continue
        if own[0] != vae[0]:
            why = f"its latents have {vae[0]} channels, not {own[0]}"
        else:
            why = f"it works with {vae[1]}x{vae[1]} pixels per latent; this model needs {own[1]}x{own[1]}"
        message = f"the VAE `{name}` does not suit {_named(settings)}: {why}"
        raise BadValue("name", message, OTHER_VAE)


def _named(settings: ModelSettings) -> str:
    return f"the model `{settings.name}`" if settings.name else "the model"
