"""The enhancement service: improves images without a prompt; so far, upscaling."""

from __future__ import annotations

from abc import ABC, abstractmethod

from invocations.values import ImageRef


class EnhancementService(ABC):
    """Improves images without a prompt."""

    @abstractmethod
    def upscale(self, image: ImageRef, scale: float, method: str) -> ImageRef:
        """Enlarge an image by the factor `scale` with a method, such as `lanczos`. Raises: ServiceError."""

    @abstractmethod
    def upscalers(self) -> tuple[str, ...]:
        """Return the names of the upscaling methods."""
