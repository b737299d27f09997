"""Compare two stored images, bit for bit and by PSNR."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.values import ImageRef

from .base import ImageService


@frozen
class Likeness:
    """Whether two images are equal and, if not, their PSNR in decibels, which is None if they cannot be compared."""

    equal: bool
    psnr: float | None = None
    reason: str = ""


def compare(images: ImageService, one: ImageRef, other: ImageRef) -> Likeness:
    """Compare two images; images with the same name are equal without being read."""
    if one.name == other.name:
        return Likeness(equal=True)
    if (one.width, one.height) != (other.width, other.height):
        sizes = f"{one.width}x{one.height} and {other.width}x{other.height}"
        return Likeness(equal=False, reason=f"different sizes ({sizes})")
    from core.imaging.measure import psnr

    measured = psnr(images.get(one), images.get(other))
    if measured == float("inf"):  # equal pixels in different modes, such as RGB and RGBA
        return Likeness(equal=True)
    return Likeness(equal=False, psnr=round(measured, 2))
