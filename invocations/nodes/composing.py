"""Several pictures in one: blend, paste, grid."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited
from invocations.services.translate_errors import translated

CATEGORY = "composing"


@invocation(
    "blend",
    title="Blend",
    category=CATEGORY,
    tags=("layer", "mix", "overlay", "multiply", "screen"),
    examples=("t2i a red car as car | blur 3 | blend @car screen --opacity 0.5",),
)
class Blend(Invocation):
    """Lay a picture of the same size over another, mixing their colours."""

    image: ImageRef = input_field(primary=True, description="lower picture")
    other: ImageRef = input_field(position=1, completes="file", description="upper picture, of the same size")
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
    ] = input_field(default="normal", position=2, description="how the colours are mixed")
    opacity: float = input_field(default=1.0, ge=0, le=1, description="of the upper picture; 0 leaves the lower one")

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
)
class Paste(Invocation):
    """Put a picture onto another at a place, through a mask if one is given; what reaches beyond is cut."""

    image: ImageRef = input_field(primary=True, description="picture to paste onto")
    other: ImageRef = input_field(position=1, completes="file", description="picture to paste")
    mask: ImageRef | None = input_field(
        default=None, completes="file", description="lets the pasted picture through where it is white; of its size"
    )
    left: int = input_field(default=0, ge=-32768, le=32768, unit="px", description="where its left edge goes")
    top: int = input_field(default=0, ge=-32768, le=32768, unit="px", description="where its upper edge goes")
    opacity: float = input_field(default=1.0, ge=0, le=1, description="of the pasted picture")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.blend import paste

        above = context.images.get(self.other)
        mask = None if self.mask is None else context.images.get(self.mask)
        return edited(
            context,
            self.image,
            lambda image: paste(image, above, left=self.left, top=self.top, mask=mask, opacity=self.opacity),
        )


@invocation(
    "grid",
    title="Grid",
    category=CATEGORY,
    tags=("contact sheet", "collage", "montage"),
    examples=("t2i a green tree as a | blur 2 as b | grid --images @a --images @b --labels sharp,soft",),
)
class Grid(Invocation):
    """Lay pictures out in rows and columns, with a label under each if there are labels."""

    images: list[ImageRef] = input_field(primary=True, completes="file", description="pictures, row by row")
    columns: int | None = input_field(default=None, ge=1, le=1000, description="left open, about as many as rows")
    labels: list[str] = input_field(default=[], description="a label for each picture, in the same order")
    gap: int = input_field(default=4, ge=0, le=1000, unit="px", description="room between the pictures")
    color: str = input_field(default="white", color=True, description="colour of the sheet")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.grid import contact_sheet

        images = [context.images.get(image) for image in self.images]
        with translated():
            sheet = contact_sheet(images, columns=self.columns, labels=self.labels, gap=self.gap, color=self.color)
            return ImageOutput(image=context.images.put(sheet))
