"""Compare two stored images, bit for bit, by PSNR, and as an image of their difference."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.services.translate_errors import translated
from invocations.values import ImageRef

from .base import ImageService


@frozen
class Likeness:
    """Whether two images are equal and, if not, their PSNR in decibels, which is None if they cannot be compared."""

    equal: bool
    psnr: float | None = None
    reason: str = ""


def compare(images: ImageService, first: ImageRef, second: ImageRef) -> Likeness:
    """Compare two images; images with the same name are known to be equal and are not read."""
    if first.name == second.name:
        return Likeness(equal=True)
    if (first.width, first.height) != (second.width, second.height):
        sizes = f"{first.width}x{first.height} and {second.width}x{second.height}"
        return Likeness(equal=False, reason=f"different sizes ({sizes})")
    from core.imaging.measure import psnr

    measured = psnr(images.get(first), images.get(second))
    if measured == float("inf"):  # the pixels may be equal in different modes, such as RGB and RGBA
        return Likeness(equal=True)
    return Likeness(equal=False, psnr=round(measured, 2))


def difference(images: ImageService, first: ImageRef, second: ImageRef) -> ImageRef:
    """Store an image of the absolute difference of two images, black where they are equal, and return its reference.

    Raises: BadValue, if their sizes differ; ServiceError.
    """
    from core.imaging.measure import difference as measured

    with translated():
        return images.put(measured(images.get(first), images.get(second)), owned=True)
