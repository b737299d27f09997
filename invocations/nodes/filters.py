"""Neighbouring pixels mixed: blur and sharpen."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited


@invocation(
    "blur",
    title="Blur",
    category="filters",
    tags=("soften", "gaussian"),
    examples=("t2i a green tree | blur 1.5",),
)
class Blur(Invocation):
    """Soften a picture by a Gaussian."""

    image: ImageRef = input_field(primary=True, description="picture to soften")
    radius: float = input_field(
        default=2.0, position=1, ge=0, le=500, unit="px", description="standard deviation of the Gaussian"
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.filters import blur

        return edited(context, self.image, lambda image: blur(image, self.radius))


@invocation(
    "sharpen",
    title="Sharpen",
    category="filters",
    tags=("unsharp", "crisp"),
    examples=("t2i a blue boat | sharpen 0.8",),
)
class Sharpen(Invocation):
    """Make edges in a picture stand out (unsharp mask)."""

    image: ImageRef = input_field(primary=True, description="picture to sharpen")
    amount: float = input_field(
        default=1.0, position=1, ge=0, le=10, unit="x", description="how much; 0 changes nothing"
    )
    radius: float = input_field(default=2.0, gt=0, le=100, unit="px", description="how wide the edges are")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.filters import sharpen

        return edited(context, self.image, lambda image: sharpen(image, self.amount, radius=self.radius))
