"""The inputs of a node as far as they are known before it runs, for the functions that predict and check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

Size = tuple[int, int]  # width and height in pixels


class Unknown(Exception):
    """Raised when a value is only known while the line runs; nothing is predicted or refused then."""


class Known(ABC):
    """The inputs of one node. The value of a linked input is only known if a function predicts it."""

    @abstractmethod
    def value(self, name: str) -> Any:
        """Return the value of an input, or its default. Raises: Unknown, if it is linked."""

    @abstractmethod
    def is_set(self, name: str) -> bool:
        """Return True if an input is linked or has a value other than None."""

    @abstractmethod
    def size(self, name: str) -> Size:
        """Return the size of the image, mask or latents that an input receives. Raises: Unknown."""

    def count(self, name: str) -> int:
        """Return the number of items in the list that an input receives. Raises: Unknown."""
        raise Unknown

    def largest(self, name: str) -> Size:
        """Return the largest width and the largest height among the images in a list. Raises: Unknown."""
        raise Unknown

    @abstractmethod
    def model(self, name: str = "model") -> ModelSettings:
        """Return the settings of the model that an input receives. Raises: Unknown."""

    def models(self, name: str = "model") -> Sequence[ModelSettings]:
        """Return the settings of each model that an input receives, one after the other in a loop. Raises: Unknown."""
        return [self.model(name)]

    def vae(self, name: str) -> Size:
        """Return the latents of a VAE: the number of channels, and the pixels that one stands for. Raises: Unknown."""
        raise Unknown

    @abstractmethod
    def file(self, path: str) -> Size:
        """Return the size of an image file. Raises: Unknown, also if there is no such file or several match."""
