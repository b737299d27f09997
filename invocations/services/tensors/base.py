"""The tensor service, which stores the tensors that nodes pass on as safetensors, never as pickles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class TensorService(ABC):
    """Stores named groups of tensors by the SHA-256 of their content."""

    @abstractmethod
    def put(self, tensors: Mapping[str, Tensor]) -> str:
        """Move tensors to the CPU, store them and return their name."""

    @abstractmethod
    def get(self, name: str) -> dict[str, Tensor]:
        """Return stored tensors, on the CPU. Raises: ServiceError."""
