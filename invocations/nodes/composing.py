"""Combine two images: blend and paste."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited

CATEGORY = "composing"


@invocation(
    "blend",
    title="Blend",
    category=CATEGORY,
    tags=("layer", "mix", "overlay", "multiply", "screen"),
    examples=("t2i a red car as car | blur 3 | blend @car screen --opacity 0.5",),
    output_size="of_image",
)
class Blend(Invocation):
    """Blend an image with another of the same size."""

    image: ImageRef = input_field(primary=True, description="bottom image")
    other: ImageRef = input_field(
        position=1, completes="file", precheck="blendable", description="top image, of the same size"
    )
    mode: Literal[
        "normal",
        "multiply",
        "screen",
        "overlay",
        "darken",
        "lighten",
        "color-dodge",
        "color-burn",
        "hard-light",
        "soft-light",
        "difference",
        "exclusion",
        "add",
        "subtract",
    ] = input_field(default="normal", position=2, description="blend mode")
    opacity: float = input_field(
        default=1.0, ge=0, le=1, description="opacity of the top image; 0 shows only the bottom one"
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.blend import blend

        above = context.images.get(self.other)
        return edited(context, self.image, lambda image: blend(image, above, mode=self.mode, opacity=self.opacity))


@invocation(
    "paste",
    title="Paste",
    category=CATEGORY,
    tags=("insert", "watermark", "compose"),
    examples=(
        "t2i a blue boat as boat | scale 0.5 as small | paste @boat",
        "t2i a blue boat as boat | scale 2 | paste @boat --left 9",
    ),
    output_size="of_image",
)
class Paste(Invocation):
    """Paste an image onto another at a position, optionally through a mask; anything past the edges is cropped."""

    image: ImageRef = input_field(primary=True, description="image to paste onto")
    other: ImageRef = input_field(position=1, completes="file", description="image to paste")
    mask: ImageRef | None = input_field(
        default=None,
        completes="file",
        precheck="of_pasted",
        description="mask of the same size as the pasted image; only white areas are pasted",
    )
    left: int = input_field(default=0, ge=-32768, le=32768, unit="px", description="position of the left edge")
    top: int = input_field(default=0, ge=-32768, le=32768, unit="px", description="position of the top edge")
    opacity: float = input_field(default=1.0, ge=0, le=1, description="opacity of the pasted image")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.blend import paste

        above = context.images.get(self.other)
        mask = None if self.mask is None else context.images.get(self.mask)
        return edited(
            context,
            self.image,
            lambda image: paste(image, above, left=self.left, top=self.top, mask=mask, opacity=self.opacity),
        )
