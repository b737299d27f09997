"""Models on this machine: which there are, and what suits each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from invocations.frozen import frozen
from invocations.values import ModelRef


@frozen
class ModelSettings:
    """What suits a model, read from it: sizes in pixels, which must be multiples of `multiple`."""

    family: str
    width: int
    height: int
    multiple: int
    steps: int
    guidance: float
    scheduler: str


@frozen
class ModelInfo:
    """One row of `models list`."""

    name: str
    family: str
    path: str
    size_bytes: int
    origin: str  # "built in", or the folder it was found in


class ModelService(ABC):
    """Finds models; loads nothing."""

    @abstractmethod
    def find(self, name_or_path: str) -> ModelRef:
        """Return the model of that name or in that folder. Raises: ServiceError."""

    @abstractmethod
    def check(self, name_or_path: str) -> None:
        """Refuse a model that `find` would refuse; reads no weights. Raises: as `find`."""

    @abstractmethod
    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return what suits the model."""

    @abstractmethod
    def world(self, ref: ModelRef) -> Mapping[str, str]:
        """Return the words that the model says it knows, by their kind; nothing where it says nothing."""

    @abstractmethod
    def list(self) -> list[ModelInfo]:
        """Return the models found, the default first."""
