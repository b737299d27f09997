"""Prepare an image for a model: resize it to a supported size, or to the size of another image, and encode it."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.fitting import fit_image
from invocations.invocation import ImageRef, Invocation, InvocationContext, ModelRef, invocation
from invocations.outputs import ImageOutput, LatentsOutput, edited


@invocation(
    "fit",
    title="Fit to a model",
    category="geometry",
    tags=("resize", "img2img", "multiple"),
    examples=("t2i a red house | fit --model default", "t2i a red house | fit 40 --model default"),
    work="invocations.fitting:fit_image",
    output_size="fitted",
)
class Fit(Invocation):
    """Resize an image to the nearest size that a model supports, up to twice the model's pixel count.

    Width and height are rounded to multiples of a number that depends on the model, usually 8, so the aspect ratio
    changes slightly.
    """

    image: ImageRef = input_field(primary=True, description="image to fit")
    model: ModelRef = input_field(description="model to fit the image to: a name, a path, or a linked model")
    width: int | None = input_field(
        default=None,
        position=1,
        ge=8,
        le=8192,
        unit="px",
        description="new width (default: computed from the height, or the image's width)",
    )
    height: int | None = input_field(
        default=None,
        position=2,
        ge=8,
        le=8192,
        unit="px",
        description="new height (default: computed from the width, or the image's height)",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(**fit_image(context, vars(self)))


@invocation(
    "match",
    title="Match size",
    category="geometry",
    tags=("resize", "same size"),
    examples=("t2i a blue boat as boat | scale 2 | match @boat",),
    output_size="of_other",
)
class Match(Invocation):
    """Resize an image to the size of another."""

    image: ImageRef = input_field(primary=True, description="image to resize")
    other: ImageRef = input_field(position=1, completes="file", description="image whose size is used")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import resize

        width, height = self.other.width, self.other.height
        if (width, height) == (self.image.width, self.image.height):
            return ImageOutput(image=self.image)
        return edited(context, self.image, lambda image: resize(image, width, height))


@invocation(
    "encode",
    title="Encode",
    category="generation",
    version="1.1.0",
    tags=("vae", "img2img"),
    examples=("t2i a red house | encode --model default | decode --model default",),
    model_bound="model",
    output_size="of_image",
)
class Encode(Invocation):
    """Encode an image into latents with the model's VAE."""

    image: ImageRef = input_field(
        primary=True, precheck="supported", description="image to encode; the model must support its width and height"
    )
    model: ModelRef = input_field(description="name or path of a model, or a reference to one (@1)")
    seed: int | None = input_field(
        default=None,
        ge=0,
        le=2**64 - 1,
        common=False,
        description="random seed for sampling the latents; if omitted, their mean is used, which is always the same",
    )

    def invoke(self, context: InvocationContext) -> LatentsOutput:
        return LatentsOutput(
            latents=context.generation.encode(self.model, self.image, self.seed, tiled=context.low_memory)
        )
