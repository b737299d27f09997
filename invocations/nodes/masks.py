"""Create, change and combine masks. White marks the area that may change."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import MaskOutput, as_mask, masked

CATEGORY = "masks"
STAR = "t2i a yellow star on a black background"


@invocation(
    "mask-from-alpha",
    title="Mask from alpha",
    category=CATEGORY,
    tags=("transparent", "cutout"),
    examples=("t2i a red house | rotate 20 | mask-from-alpha",),
    output_size="of_image",
)
class MaskFromAlpha(Invocation):
    """Make a mask from an image's transparency (alpha)."""

    image: ImageRef = input_field(primary=True, description="image with transparent areas")
    opaque: bool = input_field(default=False, description="make the opaque areas white, not the transparent ones")

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import from_alpha

        return masked(context, self.image, lambda image: from_alpha(image, opaque=self.opaque))


@invocation(
    "mask-threshold",
    title="Mask by threshold",
    category=CATEGORY,
    tags=("luminance", "binary"),
    examples=(f"{STAR} | mask-threshold 0.6",),
    output_size="of_image",
)
class MaskThreshold(Invocation):
    """Make a mask that is white in the light areas of an image."""

    image: ImageRef = input_field(primary=True, description="image or mask")
    level: float = input_field(
        default=0.5,
        position=1,
        ge=0,
        le=1,
        description="lowest luminance that becomes white; 0 is black, 1 is white",
    )

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import threshold

        return masked(context, self.image, lambda image: threshold(image, self.level))


@invocation(
    "mask-invert",
    title="Invert mask",
    category=CATEGORY,
    examples=(f"{STAR} | mask-threshold | mask-invert",),
    output_size="of_mask",
)
class MaskInvert(Invocation):
    """Invert a mask."""

    mask: ImageRef = input_field(primary=True, description="mask, or an image whose luminance is used as the mask")

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import invert

        return masked(context, as_mask(context, self.mask), invert)


@invocation(
    "mask-grow",
    title="Grow mask",
    category=CATEGORY,
    tags=("dilate", "erode", "shrink", "expand"),
    examples=(f"{STAR} | mask-threshold | mask-grow 4", f"{STAR} | mask-threshold | mask-grow -2"),
    roles=("masks",),
    output_size="of_mask",
)
class MaskGrow(Invocation):
    """Grow the white area of a mask, or shrink it with a negative number."""

    mask: ImageRef = input_field(primary=True, description="mask, or an image whose luminance is used as the mask")
    pixels: int = input_field(
        default=4,
        position=1,
        ge=-512,
        le=512,
        neutral=0,
        unit="px",
        description="how far to grow; a negative number shrinks",
    )

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import grow

        return masked(context, as_mask(context, self.mask), lambda mask: grow(mask, self.pixels))


@invocation(
    "mask-feather",
    title="Feather mask",
    category=CATEGORY,
    tags=("soften", "blur", "edge"),
    examples=(f"{STAR} | mask-threshold | mask-feather 3",),
    output_size="of_mask",
)
class MaskFeather(Invocation):
    """Feather the edges of a mask: blur them so that they fade out."""

    mask: ImageRef = input_field(primary=True, description="mask, or an image whose luminance is used as the mask")
    radius: float = input_field(
        default=4.0, position=1, ge=0, le=500, unit="px", description="standard deviation of the Gaussian blur"
    )

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import feather

        return masked(context, as_mask(context, self.mask), lambda mask: feather(mask, self.radius))


@invocation(
    "mask-combine",
    title="Combine masks",
    category=CATEGORY,
    tags=("union", "intersect", "subtract", "xor"),
    examples=(
        "t2i a white rocket in space | mask-threshold 0.7 as light | mask-grow 3 | mask-combine @light subtract",
    ),
    output_size="of_mask",
)
class MaskCombine(Invocation):
    """Combine two masks of the same size."""

    mask: ImageRef = input_field(primary=True, description="first mask")
    other: ImageRef = input_field(position=1, completes="file", precheck="combinable", description="second mask")
    how: Literal["union", "intersect", "subtract", "differ"] = input_field(
        default="union",
        position=2,
        description="where the result is white; union: in either mask, intersect: in both, "
        "subtract: only in the first, differ: in only one",
    )

    def invoke(self, context: InvocationContext) -> MaskOutput:
        from core.imaging.masks import combine

        other = context.images.get(as_mask(context, self.other))
        return masked(context, as_mask(context, self.mask), lambda mask: combine(mask, other, self.how))
