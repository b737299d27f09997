"""Combine images: blend, paste and grid."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited
from invocations.services.translate_errors import translated

CATEGORY = "composing"
MUCH_LARGER = 2  # ratio of the longest to the median side above which most cells would be mostly empty


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


@invocation(
    "grid",
    title="Grid",
    category=CATEGORY,
    tags=("contact sheet", "collage", "montage"),
    examples=("t2i a green tree as a | blur 2 as b | grid --images @a --images @b --labels sharp,soft",),
)
class Grid(Invocation):
    """Arrange images in a grid, optionally with a label under each."""

    images: list[ImageRef] = input_field(
        primary=True, completes="file", precheck="arrangeable", description="images to arrange, row by row"
    )
    columns: int | None = input_field(
        default=None, ge=1, le=1000, description="number of columns (default: about as many as rows)"
    )
    labels: list[str] = input_field(
        default=[], precheck="labeled", description="a label for each image, in the same order"
    )
    gap: int = input_field(default=4, ge=0, le=1000, unit="px", description="space between the images")
    color: str = input_field(default="white", color=True, description="background color")
    cell: int | None = input_field(
        default=None,
        ge=16,
        le=16384,
        unit="px",
        description="longest side of a cell; larger images are scaled down (default: the size of the largest image)",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.files import MAX_PIXELS
        from core.imaging.grid import contact_sheet

        sizes = [(max(image.width, 1), max(image.height, 1)) for image in self.images]
        self._warn(context, [max(size) for size in sizes])
        with translated():
            sheet = contact_sheet(
                map(context.images.get, self.images),
                sizes=sizes,
                columns=self.columns,
                labels=self.labels,
                gap=self.gap,
                color=self.color,
                cell=self.cell,
            )
        if sheet.width * sheet.height > MAX_PIXELS:
            context.log(
                f"the sheet has {sheet.width * sheet.height / 1e6:.1f} megapixels; `load` refuses more than"
                f" {MAX_PIXELS / 1e6:.0f}: `--cell 256` makes it smaller"
            )
        return ImageOutput(image=context.images.put(sheet, owned=True))

    def _warn(self, context: InvocationContext, sides: list[int]) -> None:
        """Warn if a few large images enlarge all cells of the grid."""
        usual = sorted(sides)[len(sides) // 2] if sides else 0
        if self.cell is None and sides and max(sides) > MUCH_LARGER * usual:
            context.warn(
                f"every cell is as large as the largest image, {max(sides)} px; most images are at most {usual} px:"
                f" `--cell {usual}` scales large ones down"
            )
