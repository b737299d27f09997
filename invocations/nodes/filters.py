"""Filters: blur and sharpen."""

from __future__ import annotations

from functools import partial

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited


@invocation(
    "blur",
    title="Blur",
    category="filters",
    tags=("soften", "gaussian"),
    examples=("t2i a green tree | blur 1.5",),
    output_size="of_image",
)
class Blur(Invocation):
    """Blur an image with a Gaussian."""

    image: ImageRef = input_field(primary=True, description="image to blur")
    radius: float = input_field(
        default=2.0,
        position=1,
        ge=0,
        le=500,
        unit="px",
        description="blur radius: the standard deviation of the Gaussian",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.filters import blur

        return edited(context, self.image, lambda image: blur(image, self.radius, cancelled=context.cancelled))


@invocation(
    "sharpen",
    title="Sharpen",
    category="filters",
    tags=("unsharp", "crisp"),
    examples=("t2i a blue boat | sharpen 0.8",),
    output_size="of_image",
)
class Sharpen(Invocation):
    """Sharpen an image (unsharp mask)."""

    image: ImageRef = input_field(primary=True, description="image to sharpen")
    amount: float = input_field(
        default=1.0, position=1, ge=0, le=10, unit="x", description="strength; 0 changes nothing"
    )
    radius: float = input_field(default=2.0, gt=0, le=100, unit="px", description="radius of the unsharp mask")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.filters import sharpen

        work = partial(sharpen, amount=self.amount, radius=self.radius, cancelled=context.cancelled)
        return edited(context, self.image, work)
