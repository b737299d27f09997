"""Colours pixel by pixel: brightness, contrast, saturation, hue, grayscale, invert."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited

CATEGORY = "colours"


@invocation(
    "brightness",
    title="Brightness",
    category=CATEGORY,
    tags=("light", "dark"),
    examples=("t2i a red house | brightness 1.3",),
)
class Brightness(Invocation):
    """Make a picture lighter or darker."""

    image: ImageRef = input_field(primary=True, description="picture to change")
    factor: float = input_field(position=1, ge=0, le=100, unit="x", description="above 1 lighter, below 1 darker")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import brightness

        return edited(context, self.image, lambda image: brightness(image, self.factor))


@invocation("contrast", title="Contrast", category=CATEGORY, examples=("t2i a blue boat | contrast 1.2",))
class Contrast(Invocation):
    """Spread the colours of a picture around middle grey, or bring them closer to it."""

    image: ImageRef = input_field(primary=True, description="picture to change")
    factor: float = input_field(position=1, ge=0, le=100, unit="x", description="above 1 more contrast, 0 plain grey")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import contrast

        return edited(context, self.image, lambda image: contrast(image, self.factor))


@invocation(
    "saturation",
    title="Saturation",
    category=CATEGORY,
    tags=("colourful", "vivid"),
    examples=("t2i a green tree | saturation 1.5",),
)
class Saturation(Invocation):
    """Make the colours of a picture stronger or paler."""

    image: ImageRef = input_field(primary=True, description="picture to change")
    factor: float = input_field(position=1, ge=0, le=100, unit="x", description="above 1 stronger, 0 without colour")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import saturation

        return edited(context, self.image, lambda image: saturation(image, self.factor))


@invocation("hue", title="Hue", category=CATEGORY, tags=("tint",), examples=("t2i a red car | hue 120",))
class Hue(Invocation):
    """Turn the colours of a picture around the circle of hues."""

    image: ImageRef = input_field(primary=True, description="picture to change")
    degrees: float = input_field(position=1, ge=-360, le=360, unit="degrees", description="120 turns red into green")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import hue

        return edited(context, self.image, lambda image: hue(image, self.degrees))


@invocation(
    "grayscale",
    title="Grayscale",
    category=CATEGORY,
    tags=("grey", "black and white"),
    examples=("t2i an orange fish | grayscale",),
)
class Grayscale(Invocation):
    """Leave only the light and dark of a picture."""

    image: ImageRef = input_field(primary=True, description="picture to change")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import grayscale

        return edited(context, self.image, grayscale)


@invocation(
    "invert",
    title="Invert",
    category=CATEGORY,
    tags=("negative",),
    examples=("t2i a yellow star on a black background | invert",),
)
class Invert(Invocation):
    """Turn every colour of a picture into its opposite."""

    image: ImageRef = input_field(primary=True, description="picture to change")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.adjust import invert

        return edited(context, self.image, invert)
