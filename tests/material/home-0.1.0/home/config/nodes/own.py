"""Nodes of the user's own, written as the README of the framework teaches it in 0.1.0."""

from __future__ import annotations

from invocations.errors import BadValue
from invocations.fields import Item, input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, Output, invocation
from invocations.nodes.flow import CollectionOutput
from invocations.outputs import ImageOutput, edited


class ToneOutput(Output):
    """How light a picture is."""

    value: float = output_field(primary=True, description="0 is black, 1 is white")


@invocation(
    "posterize",
    title="Posterize",
    category="colours",
    version="1.0.0",
    tags=("shades", "poster"),
    examples=("t2i a red house | posterize 2",),
)
class Posterize(Invocation):
    """Leave only a few shades of each colour.

    What follows the first sentence is shown in the long help.
    """

    image: ImageRef = input_field(primary=True, description="picture to change")
    bits: int = input_field(default=2, ge=1, le=8, position=1, unit="bits", description="how fine the shades are")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from PIL import ImageOps

        return edited(context, self.image, lambda image: ImageOps.posterize(image.convert("RGB"), self.bits))


@invocation("tone", title="Tone", category="measuring", examples=("t2i a red house | tone",))
class Tone(Invocation):
    """Measure how light a picture is."""

    image: ImageRef = input_field(primary=True, description="picture to measure")

    def invoke(self, context: InvocationContext) -> ToneOutput:
        from PIL import ImageStat

        context.progress(1, 1)
        return ToneOutput(value=round(ImageStat.Stat(context.images.get(self.image).convert("L")).mean[0] / 255, 2))


@invocation("every-other", title="Every other", category="lists", examples=("list a b c | every-other",))
class EveryOther(Invocation):
    """Take the first item of a list, the third, and so on."""

    collection: list[Item] = input_field(primary=True, position=1, description="list to take from")
    begin: int = input_field(default=0, ge=0, description="how many items are left out first")

    def invoke(self, context: InvocationContext) -> CollectionOutput:
        if self.begin >= len(self.collection):
            raise BadValue("begin", f"the list has {len(self.collection)} items", "begin earlier")
        return CollectionOutput(collection=self.collection[self.begin :: 2])
