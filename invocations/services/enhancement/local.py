"""Enhance images on this machine; so far, upscale them with Lanczos resampling."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from invocations.services.errors import ServiceError
from invocations.services.images.base import ImageService
from invocations.services.translate_errors import translated
from invocations.values import ImageRef

from .base import EnhancementService

if TYPE_CHECKING:
    from PIL.Image import Image


class LocalEnhancement(EnhancementService):
    """Enhances images with a method that is chosen by name."""

    def __init__(self, images: ImageService) -> None:
        self._images = images

    def upscale(self, image: ImageRef, scale: float, method: str) -> ImageRef:
        """Enlarge an image by the factor `scale`. Raises: ServiceError."""
        if method not in METHODS:
            near = get_close_matches(method, METHODS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(METHODS)
            raise ServiceError(f"there is no upscaler `{method}`", hint, code="unknown_upscaler")
        with translated():
            return self._images.put(METHODS[method](self._images.get(image), scale))

    def upscalers(self) -> tuple[str, ...]:
        """Return the names of the upscaling methods."""
        return tuple(METHODS)


def _lanczos(image: Image, factor: float) -> Image:
    from core.imaging.geometry import scale

    return scale(image, factor)


METHODS: dict[str, Callable[[Image, float], Image]] = {"lanczos": _lanczos}
