"""The classes that come from diffusers, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def unet_class() -> Any:
    """Return diffusers' UNet2DConditionModel."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    return UNet2DConditionModel


def vae_class() -> Any:
    """Return diffusers' AutoencoderKL."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return AutoencoderKL


def scheduler_module(name: str) -> Any:
    """Return the module of diffusers that holds one scheduler."""
    return import_module(f"diffusers.schedulers.scheduling_{name}")
