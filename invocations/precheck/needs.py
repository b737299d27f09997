"""Refuse to denoise without the mask or the image that a model takes besides a prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from invocations.errors import BadValue

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

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
            message = f"{_named(settings)} edits an image and needs one"
            raise BadValue("model", message, f"use `i2i` with an image and an instruction, {OTHER_MODEL}")


def _named(settings: ModelSettings) -> str:
    return f"the model `{settings.name}`" if settings.name else "the model"
