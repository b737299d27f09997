"""Import single classes from diffusers on first use, without its notices and warnings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from .lean_import import lean_imports


def unet_class() -> Any:
    """Return diffusers' UNet2DConditionModel."""
    return _module("models.unets.unet_2d_condition").UNet2DConditionModel


def vae_class() -> Any:
    """Return diffusers' AutoencoderKL."""
    return _module("models.autoencoders.autoencoder_kl").AutoencoderKL


def gaussian_class() -> Any:
    """Return diffusers' DiagonalGaussianDistribution, the output of a VAE encoder."""
    return _module("models.autoencoders.vae").DiagonalGaussianDistribution


def scheduler_class(module: str, name: str) -> Any:
    """Return the scheduler class `name` from its module in diffusers."""
    return getattr(_module(f"schedulers.scheduling_{module}"), name)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress warnings: diffusers' about its own code, torchsde's about the last digit of a float."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torchsde\b")
        yield


def _module(name: str) -> ModuleType:
    with lean_imports():
        module = import_module(f"diffusers.{name}")
    # Only errors are logged, because the caller of the core decides what is printed.
    logger = logging.getLogger("diffusers")
    if logger.level != logging.ERROR:
        logger.setLevel(logging.ERROR)
    return module
