"""Color adjustments: brightness, contrast, saturation, hue, grayscale, invert."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited

CATEGORY = "color"


@invocation(
    "brightness",
    title="Brightness",
    category=CATEGORY,
    tags=("light", "dark"),
    examples=("t2i a red house | brightness 1.3",),
    output_size="of_image",
)
class Brightness(Invocation):
    """Make an image brighter or darker."""

    image: ImageRef = input_field(primary=True, description="image to change")
    factor: float = input_field(
        position=1, ge=0, le=100, unit="x", description="brightness factor: above 1 is brighter, below 1 is darker"
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import brightness

        return edited(context, self.image, lambda image: brightness(image, self.factor))


@invocation(
    "contrast",
    title="Contrast",
    category=CATEGORY,
    examples=("t2i a blue boat | contrast 1.2",),
    output_size="of_image",
)
class Contrast(Invocation):
    """Raise or lower the contrast of an image."""

    image: ImageRef = input_field(primary=True, description="image to change")
    factor: float = input_field(
        position=1,
        ge=0,
        le=100,
        unit="x",
        description="contrast factor: above 1 is more contrast, below 1 is less, 0 is plain gray",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import contrast

        return edited(context, self.image, lambda image: contrast(image, self.factor))


@invocation(
    "saturation",
    title="Saturation",
    category=CATEGORY,
    tags=("colorful", "vivid"),
    examples=("t2i a green tree | saturation 1.5",),
    output_size="of_image",
)
class Saturation(Invocation):
    """Change the saturation of an image."""

    image: ImageRef = input_field(primary=True, description="image to change")
    factor: float = input_field(
        position=1,
        ge=0,
        le=100,
        unit="x",
        description="saturation factor: above 1 is more colorful, below 1 is paler, 0 is gray",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import saturation

        return edited(context, self.image, lambda image: saturation(image, self.factor))


@invocation(
    "hue", title="Hue", category=CATEGORY, tags=("tint",), examples=("t2i a red car | hue 120",), output_size="of_image"
)
class Hue(Invocation):
    """Shift the hue of an image."""

    image: ImageRef = input_field(primary=True, description="image to change")
    degrees: float = input_field(
        position=1, ge=-360, le=360, unit="degrees", description="angle on the color wheel; 120 turns red into green"
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import hue

        return edited(context, self.image, lambda image: hue(image, self.degrees))


@invocation(
    "grayscale",
    title="Grayscale",
    category=CATEGORY,
    tags=("gray", "grey", "black and white"),
    examples=("t2i an orange fish | grayscale",),
    output_size="of_image",
)
class Grayscale(Invocation):
    """Convert an image to grayscale."""

    image: ImageRef = input_field(primary=True, description="image to change")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import grayscale

        return edited(context, self.image, grayscale)


@invocation(
    "invert",
    title="Invert",
    category=CATEGORY,
    tags=("negative",),
    examples=("t2i a yellow star on a black background | invert",),
    output_size="of_image",
)
class Invert(Invocation):
    """Invert the colors of an image."""

    image: ImageRef = input_field(primary=True, description="image to change")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import invert

        return edited(context, self.image, invert)
