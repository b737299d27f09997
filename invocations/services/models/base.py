"""The model service: finds models and knows their default settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field

from invocations.frozen import frozen
from invocations.values import ModelRef


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
    name: str = ""  # the model's name, even if the model was found by its path
    ignores: Mapping[str, str] = field(default_factory=dict)  # why a feature (`FieldSpec.feature`) has no effect
    refuses: Mapping[str, str] = field(default_factory=dict)  # why the model cannot be used with a feature


@frozen
class ModelInfo:
    """One row of `models list`."""

    name: str
    family: str
    path: str
    size_bytes: int
    origin: str  # "built in", or the folder it was found in


class ModelService(ABC):
    """Finds models without loading them."""

    @abstractmethod
    def find(self, name_or_path: str) -> ModelRef:
        """Return the model with this name or in this folder. Raises: ServiceError."""

    @abstractmethod
    def check(self, name_or_path: str) -> None:
        """Refuse a model that `find` would refuse, without reading weights. Raises: ServiceError."""

    @abstractmethod
    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return the default settings of a model. Raises: ServiceError."""

    @abstractmethod
    def world(self, ref: ModelRef) -> Mapping[str, str]:
        """Return the words that a model declares it understands, by kind, or an empty mapping if it declares none."""

    @abstractmethod
    def list(self) -> list[ModelInfo]:
        """Return all models, the default first."""
