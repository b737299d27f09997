"""The model service: finds models, recognizes what they are, and knows their default settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final

from invocations.frozen import frozen
from invocations.values import ModelRef

READY, NEEDS, NOT_YET, UNUSABLE = "ready", "needs", "not yet", "unusable"
BUILT_IN: Final = "built in"  # the origin of the default model
NO_SIZE: Final = (0, 0)  # of what makes no image and no latents
FITS: Final = "yes"
SLOWER: Final = "slower"
TOO_LARGE: Final = "no"
UNKNOWN: Final = ""


Latents = tuple[int, int]  # the number of channels, and how many pixels one latent stands for along each side


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
    borrowed: Mapping[str, str] = field(default_factory=dict)  # names of the models that lend parts, by the part's name
    name: str = ""  # the model's name, even if the model was found by its path
    ignores: Mapping[str, str] = field(default_factory=dict)  # why a feature (`FieldSpec.feature`) has no effect
    refuses: Mapping[str, str] = field(default_factory=dict)  # why the model cannot be used with a feature
    needs_image: bool = False  # whether the model edits an image by an instruction
    variant: str = ""  # of the family, such as `turbo`
    latents: Latents | None = None  # the form of its latents
    clip_skip: int = 0  # number of text encoder layers to skip at the end
    path: str = ""  # the absolute path of its folder or file

    @property
    def size_bytes(self) -> int:
        """The size of all its weights in bytes."""
        return sum(self.part_bytes.values())


@frozen
class ModelInfo:
    """One row of `models list`.

    kind: such as `model` or `lora`. title: what it is, as a noun phrase. state: READY, NEEDS, NOT_YET or UNUSABLE.
    reason: why it is not ready, as a short phrase. fits: whether it fits into memory if it is ready: FITS, SLOWER,
    TOO_LARGE, or UNKNOWN. families: all families that it may belong to, `family` among them.
    """

    name: str
    family: str
    path: str
    size_bytes: int
    origin: str  # BUILT_IN, or the folder it was found in
    kind: str = "model"
    variant: str = ""
    title: str = ""
    state: str = READY
    reason: str = ""
    fits: str = UNKNOWN
    families: tuple[str, ...] = ()

    def serves_as(self, what: str) -> bool:
        """Return True if it can be used as a `model` or a `vae`; a model lends its VAE."""
        return self.state == READY and self.kind in (what, "model")

    @property
    def is_usable(self) -> bool:
        """Whether the model can generate images now."""
        return self.kind == "model" and self.state == READY


@frozen
class ModelDetails:
    """Everything that is known about one model without loading it.

    why: the facts that identify it. advice: what to do with a model that is not ready. parts: the networks in it, as
    (role, family, bytes). missing: those that it needs and lacks. notes: what is noted in it and beside it, by name.
    problems: files beside it that cannot be read, each with the reason. defaults: its settings, if it is ready.
    fingerprint: identifies its content in the cache, if known. added: when it was first seen, in seconds since 1970.
    memory: what it needs and what is free, in words.
    """

    info: ModelInfo
    container: str
    layout: str
    dtype: str
    quantization: str
    why: tuple[str, ...]
    advice: str
    parts: tuple[tuple[str, str, int], ...]
    missing: tuple[str, ...]
    facts: Mapping[str, Any]
    notes: Mapping[str, Any]
    problems: tuple[tuple[str, str], ...]
    defaults: ModelSettings | None = None
    fingerprint: str = ""
    added: float | None = None
    memory: str = ""


@frozen
class ScannedFolder:
    """The models in a folder.

    folders: the folder and those that ComfyUI's settings add. complete: whether everything in them was listed. If not,
    folders below `max_depth` or files beyond the first `max_entries` were left out.
    """

    models: tuple[ModelInfo, ...]
    folders: tuple[str, ...]
    complete: bool
    max_depth: int
    max_entries: int


@frozen
class MemoryFit:
    """The memory that a model needs, in bytes, and the memory that is free for it.

    needs: as measured in `runs` earlier runs; if there were none, the least that its weights need, or that runs with
    smaller images of the size `at` needed. least: the largest part that is not mapped from a file, and what is computed
    with it. free: None if not known. mapped: whether weights are read from their file again if memory is low;
    otherwise, parts are loaded in turn.
    """

    needs: int
    least: int
    runs: int
    free: int | None
    mapped: bool
    at: tuple[int, int] = NO_SIZE

    @property
    def word(self) -> str:
        """Whether the model fits: `yes`, `slower`, `no`, or "" if that is not known."""
        if self.free is None:
            return UNKNOWN
        return FITS if self.needs <= self.free else SLOWER if self.least <= self.free else TOO_LARGE

    def __str__(self) -> str:
        from invocations.shown_numbers import counted, readable_sizes  # imported here because most lines show no sizes

        smaller = f"measured at {self.at[0]}x{self.at[1]}" if self.at != NO_SIZE else "estimated from its weights"
        measured = f"measured on {counted(self.runs, 'run')}" if self.runs else smaller
        needed, free = readable_sizes(self.needs, self.needs if self.free is None else self.free)
        needs = f"needs {'' if self.runs else 'at least '}{needed} ({measured})"
        if self.free is None:
            return needs
        slower = "read from disk in every step, slower" if self.mapped else "its parts are loaded in turn, slower"
        how = {SLOWER: f": {slower}", TOO_LARGE: ": too large"}.get(self.word, "")
        return f"{needs}, {free} free{how}"


class ModelService(ABC):
    """Finds models without loading them."""

    @abstractmethod
    def find(self, name_or_path: str) -> ModelRef:
        """Return the model with this name or at this path. Raises: ServiceError."""

    def find_vae(self, name_or_path: str) -> ModelRef:
        """Return the VAE with this name or path, or that of a model. Raises: ServiceError."""
        raise NotImplementedError  # optional, because plug-ins may test their nodes with their own services

    def latents_of_vae(self, name_or_path: str) -> Latents:
        """Return the form of the latents of a VAE, without reading weights. Raises: ServiceError."""
        raise NotImplementedError

    def with_vae(self, ref: ModelRef, vae: ModelRef) -> ModelRef:
        """Return a model with another VAE. Raises: ServiceError, if it does not suit the model."""
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
        """Return all models of every kind, the default first."""

    def largest_batch(
        self, ref: ModelRef, size: tuple[int, int], node: str, *, wanted: int = 0, free: int | None = None
    ) -> int:
        """Return how many images of a size a node can make at once, 1 if not known.

        wanted: a number to be used unless memory ran out for it; 0 if memory decides. free: the bytes that models may
        take (default: in this process). Raises: ServiceError.
        """
        return wanted or 1

    def ran_out(self, ref: ModelRef, size: tuple[int, int], node: str, batch: int) -> None:
        """Remember that memory ran out while a node made a number of images at once. Raises: ServiceError."""
        return None

    def cut_folders(self) -> Mapping[str, int]:
        """Return the folders with too many entries, each with how many of them were searched for models."""
        return {}

    @abstractmethod
    def details(self, name_or_path: str) -> ModelDetails:
        """Return everything that is known about a model or another file. Raises: ServiceError."""

    @abstractmethod
    def state(self, name_or_path: str, kind: str | None, family: str | None) -> None:
        """Remember the kind and family that the user states for a model: None keeps what was stated, `auto` forgets it.

        Raises: ServiceError.
        """

    @abstractmethod
    def scan(self, folder: str) -> ScannedFolder:
        """Return the models in a folder of another program and in its subfolders. Raises: ServiceError."""

    @abstractmethod
    def search(self, folder: str, *, also: bool = True) -> None:
        """Also find the models in a folder, or no longer (`also=False`), until the process ends."""

    @abstractmethod
    def kinds(self) -> Mapping[str, str]:
        """Return all kinds of models, each with a description."""

    @abstractmethod
    def families(self) -> Mapping[str, str]:
        """Return all families of models, each with its title."""
