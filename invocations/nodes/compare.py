"""Compare images."""

from __future__ import annotations

from invocations.fields import input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, Output, invocation
from invocations.services.translate_errors import translated

EQUAL_DB = 200.0  # finite, because JSON has no infinity; images of a billion pixels that differ minimally reach 186 dB


class CompareOutput(Output):
    """The output of `compare`."""

    image: ImageRef = output_field(
        primary=True, description="the difference as an image, black where both images are equal"
    )
    psnr: float = output_field(description="peak signal-to-noise ratio in dB; 200 if both images are equal")
    ssim: float = output_field(description="structural similarity, from -1 to 1; 1 if both images are equal")


@invocation(
    "compare",
    title="Compare",
    category="measuring",
    tags=("difference", "psnr", "ssim", "similarity"),
    examples=("t2i a green tree as tree | blur 1 | compare @tree",),
    output_size="of_image",
)
class Compare(Invocation):
    """Measure the difference between two images of the same size."""

    image: ImageRef = input_field(primary=True, description="image to measure")
    other: ImageRef = input_field(
        position=1, completes="file", precheck="comparable", description="image to compare with"
    )

    def invoke(self, context: InvocationContext) -> CompareOutput:
        from core.imaging.measure import difference, psnr, ssim

        image, other = context.images.get(self.image), context.images.get(self.other)
        with translated():
            return CompareOutput(
                image=context.images.put(difference(image, other)),
                psnr=min(psnr(image, other), EQUAL_DB),
                ssim=ssim(image, other, cancelled=context.cancelled),
            )
