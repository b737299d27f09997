"""Upscale images with better methods than `scale` offers."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput


@invocation(
    "upscale",
    title="Upscale",
    category="enhance",
    tags=("enlarge", "lanczos", "superresolution"),
    examples=("t2i a red house | upscale 2", "t2i a red house | upscale 1.5 lanczos"),
    output_size="upscale",
)
class Upscale(Invocation):
    """Enlarge an image by a factor, with a resampling method such as `lanczos`."""

    image: ImageRef = input_field(primary=True, description="image to upscale")
    scale: float = input_field(
        default=2.0, position=1, ge=1, le=8, unit="x", precheck="upscalable", description="upscaling factor"
    )
    method: str = input_field(default="lanczos", position=2, completes="upscaler", description="upscaling method")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=context.enhancement.upscale(self.image, self.scale, self.method))
