"""The classes that come from diffusers, each imported alone when it is asked for, and diffusers kept quiet."""

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
    """Return diffusers' DiagonalGaussianDistribution, what an autoencoder says of a picture."""
    return _module("models.autoencoders.vae").DiagonalGaussianDistribution


def scheduler_class(module: str, name: str) -> Any:
    """Return the scheduler class `name` from diffusers' file for it."""
    return getattr(_module(f"schedulers.scheduling_{module}"), name)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back warnings of how diffusers itself is written, and torchsde's of the last digit of a float."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torchsde\b")
        yield


def _module(name: str) -> ModuleType:
    with lean_imports():
        module = import_module(f"diffusers.{name}")
    # Notices and progress bars are the business of whoever calls the core.
    logger = logging.getLogger("diffusers")
    if logger.level != logging.ERROR:
        logger.setLevel(logging.ERROR)
    return module
