"""Enhancement: upscaling now, trained upscalers and face repair later by the same door."""

from __future__ import annotations

from abc import ABC, abstractmethod

from invocations.values import ImageRef


class EnhancementService(ABC):
    """Makes images better without a prompt."""

    @abstractmethod
    def upscale(self, image: ImageRef, scale: float, method: str) -> ImageRef:
        """Enlarge an image `scale` times with `method` (lanczos). Raises: ServiceError."""

    @abstractmethod
    def upscalers(self) -> tuple[str, ...]:
        """Return the names of the methods."""
