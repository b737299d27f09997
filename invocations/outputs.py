"""Output classes that many nodes share, and helpers for nodes that apply a function to an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .context import InvocationContext
from .fields import output_field
from .model import Output
from .services.translate_errors import translated
from .values import ImageRef, LatentsRef, MaskRef

if TYPE_CHECKING:
    from PIL.Image import Image


class ImageOutput(Output):
    """The output of a node that returns an image."""

    image: ImageRef = output_field(primary=True, description="the image")


class MaskOutput(Output):
    """The output of a node that returns a mask."""

    mask: MaskRef = output_field(primary=True, description="the mask; white marks the area that may change")


class LatentsOutput(Output):
    """The output of a node that returns latents."""

    latents: LatentsRef = output_field(primary=True, description="the latents")


def edited(context: InvocationContext, image: ImageRef, work: Callable[[Image], Image]) -> ImageOutput:
    """Apply the function `work` to an image, converting errors that the core raises."""
    with translated():
        return ImageOutput(image=context.images.put(work(context.images.get(image))))


def masked(context: InvocationContext, image: ImageRef, work: Callable[[Image], Image]) -> MaskOutput:
    """Compute a mask by applying the function `work` to an image or a mask."""
    with translated():
        return MaskOutput(mask=context.images.put_mask(work(context.images.get(image))))


def as_mask(context: InvocationContext, image: ImageRef) -> MaskRef:
    """Convert an image to a mask: its luminance, with transparent areas black."""
    return image if isinstance(image, MaskRef) else context.images.put_mask(context.images.get(image))
