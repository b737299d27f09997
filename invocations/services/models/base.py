"""The model service: finds models and knows their default settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from invocations.frozen import frozen
from invocations.values import ModelRef

NO_SIZE: Final = (0, 0)  # of what makes no image and no latents
FITS: Final = "yes"
SLOWER: Final = "slower"
TOO_LARGE: Final = "no"
UNKNOWN: Final = ""


@frozen
class ModelSettings:
    """The default settings of a model; width and height are in pixels and multiples of `multiple`."""

    family: str
    width: int
    height: int
    multiple: int
    steps: int
    guidance: float
    scheduler: str
    needs_mask: bool = False  # whether the model is made for inpainting
    text_layers: int | None = None  # number of layers of the model's text encoder, if known
    part_bytes: Mapping[str, int] = field(default_factory=dict)  # size of each part's weights, by the part's name
    name: str = ""  # the model's name, even if the model was found by its path
    needs_image: bool = False  # whether the model edits an image by an instruction
    variant: str = ""  # of the family, such as `turbo`


@frozen
class ModelInfo:
    """One row of `models list`."""

    name: str
    family: str
    path: str
    size_bytes: int
    origin: str  # "built in", or the folder it was found in


@frozen
class MemoryFit:
    """The memory that a model needs, in bytes, and the memory that is free for it.

    needs: as measured in `runs` earlier runs; if there were none, the least that its weights need. least: the largest
    part that is not mapped from a file, and what is computed with it. free: None if not known. mapped: whether weights
    are read from their file again if memory is low; otherwise, parts are loaded in turn.
    """

    needs: int
    least: int
    runs: int
    free: int | None
    mapped: bool

    @property
    def word(self) -> str:
        """Whether the model fits: `yes`, `slower`, `no`, or "" if that is not known."""
        if self.free is None:
            return UNKNOWN
        return FITS if self.needs <= self.free else SLOWER if self.least <= self.free else TOO_LARGE

    def __str__(self) -> str:
        measured = f"measured on {self.runs} run{'s' * (self.runs != 1)}" if self.runs else "estimated from its weights"
        needs = f"needs {'' if self.runs else 'at least '}{gigabytes(self.needs)} GB ({measured})"
        if self.free is None:
            return needs
        slower = "read from disk in every step, slower" if self.mapped else "its parts are loaded in turn, slower"
        how = {SLOWER: f": {slower}", TOO_LARGE: ": too large"}.get(self.word, "")
        return f"{needs}, {gigabytes(self.free)} free{how}"


class ModelService(ABC):
    """Finds models without loading them."""

    @abstractmethod
    def find(self, name_or_path: str) -> ModelRef:
        """Return the model with this name or in this folder. Raises: ServiceError."""

    def find_vae(self, name_or_path: str) -> ModelRef:
        """Return the VAE with this name or path, or that of a model. Raises: ServiceError."""
        raise NotImplementedError  # optional, because plug-ins may test their nodes with their own services

    def check_vae(self, name_or_path: str) -> None:
        """Refuse a VAE that `find_vae` would refuse, without reading weights. Raises: ServiceError."""
        raise NotImplementedError

    def check_fits_vae(self, model: str, vae: str) -> None:
        """Refuse a VAE, by name or path, that does not work with a model's latents. Raises: ServiceError."""
        raise NotImplementedError

    def with_vae(self, ref: ModelRef, vae: ModelRef) -> ModelRef:
        """Return a model with another VAE. Raises: ServiceError, if it does not work with the model's latents."""
        raise NotImplementedError

    @abstractmethod
    def check(self, name_or_path: str) -> None:
        """Refuse a model that `find` would refuse, without reading weights. Raises: ServiceError."""

    @abstractmethod
    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return the default settings of a model. Raises: ServiceError."""

    @abstractmethod
    def world(self, ref: ModelRef) -> Mapping[str, str]:
        """Return the words that a model declares it understands, by kind, or an empty mapping if it declares none."""

    def fits(self, name_or_path: str, size: tuple[int, int] | None = None) -> MemoryFit | None:
        """Return whether a model fits into memory, for images of its own size or another one; None if not known.

        Raises: ServiceError.
        """
        return None

    @abstractmethod
    def list(self) -> list[ModelInfo]:
        """Return all models, the default first."""


def gigabytes(size: int, *, up: bool = False) -> str:
    """Return a number of bytes in gigabytes with one decimal, rounded up if `up`."""
    tenths = -(-size // 10**8) if up else round(size / 10**8)
    return f"{tenths / 10:.1f}"
