"""Change the geometry of images: resize, scale, crop, pad, rotate and flip."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, MaskRef, Output, invocation
from invocations.outputs import ImageOutput, edited
from invocations.services.translate_errors import translated

Method = Literal["lanczos", "bicubic", "bilinear", "box", "nearest"]
CATEGORY = "geometry"
METHOD = "resampling method; nearest keeps edges hard"


@invocation(
    "resize",
    title="Resize",
    category=CATEGORY,
    tags=("size", "width", "height", "thumbnail"),
    examples=("t2i a blue boat | resize 48", "t2i a blue boat | resize 40 20 --fit cover"),
    output_size="resize",
)
class Resize(Invocation):
    """Resize an image to a size in pixels. With only a width or a height, the aspect ratio is kept."""

    image: ImageRef = input_field(primary=True, description="image to resize")
    width: int | None = input_field(
        default=None, position=1, ge=1, le=32768, unit="px", precheck="resizable", description="new width"
    )
    height: int | None = input_field(default=None, position=2, ge=1, le=32768, unit="px", description="new height")
    fit: Literal["stretch", "cover", "contain"] = input_field(
        default="stretch",
        description="how to fit both width and height; stretch: distort, cover: fill and crop, contain: fit inside",
    )
    method: Method = input_field(default="lanczos", common=False, description=METHOD)

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import resize

        return edited(
            context,
            self.image,
            lambda image: resize(image, self.width, self.height, fit=self.fit, method=self.method),
        )


@invocation(
    "scale",
    title="Scale",
    category=CATEGORY,
    tags=("size", "enlarge", "shrink", "zoom"),
    examples=("t2i a red car | scale 0.5",),
    output_size="scale",
)
class Scale(Invocation):
    """Scale an image by a factor."""

    image: ImageRef = input_field(primary=True, description="image to scale")
    factor: float = input_field(
        default=2.0,
        position=1,
        gt=0,
        le=64,
        unit="x",
        precheck="scalable",
        description="scale factor; 0.5 halves width and height",
    )
    method: Method = input_field(default="lanczos", common=False, description=METHOD)

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import scale

        return edited(context, self.image, lambda image: scale(image, self.factor, method=self.method))


@invocation(
    "crop",
    title="Crop",
    category=CATEGORY,
    tags=("cut", "trim"),
    examples=("t2i a red house | crop 32 32", "t2i a red house | crop 20 30 --left 4 --top 0"),
    output_size="crop",
)
class Crop(Invocation):
    """Crop an image, around its center unless the left or top edge is given."""

    image: ImageRef = input_field(primary=True, description="image to crop")
    width: int = input_field(position=1, ge=1, unit="px", precheck="inside", description="width of the crop")
    height: int = input_field(position=2, ge=1, unit="px", description="height of the crop")
    left: int | None = input_field(default=None, ge=0, unit="px", description="left edge (default: centered)")
    top: int | None = input_field(default=None, ge=0, unit="px", description="top edge (default: centered)")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import crop

        return edited(context, self.image, lambda image: crop(image, self.left, self.top, self.width, self.height))


class PadOutput(Output):
    """The output of `pad`."""

    image: ImageRef = output_field(primary=True, description="the padded image")
    mask: MaskRef = output_field(description="mask of the new area (white)")


@invocation(
    "pad",
    title="Pad",
    category=CATEGORY,
    tags=("border", "canvas", "extend", "outpaint"),
    examples=("t2i a white rocket | pad 8", "t2i a white rocket | pad --left 16 --right 16 --color teal"),
    output_size="pad",
)
class Pad(Invocation):
    """Add a border to an image, and make a mask of the new area."""

    image: ImageRef = input_field(primary=True, description="image to pad")
    all: int = input_field(
        default=0, position=1, ge=0, le=16384, unit="px", precheck="paddable", description="pixels to add on every side"
    )
    left: int | None = input_field(default=None, ge=0, le=16384, unit="px", description="pixels to add on the left")
    right: int | None = input_field(default=None, ge=0, le=16384, unit="px", description="pixels to add on the right")
    top: int | None = input_field(default=None, ge=0, le=16384, unit="px", description="pixels to add at the top")
    bottom: int | None = input_field(default=None, ge=0, le=16384, unit="px", description="pixels to add at the bottom")
    surround: Literal["color", "edge", "mirror"] = input_field(
        default="color",
        description="what fills the new area; color: a plain color, edge: the edge pixels, mirror: the mirrored image",
    )
    color: str = input_field(default="black", color=True, description="color of the new area, for `--surround color`")

    def invoke(self, context: InvocationContext) -> PadOutput:
        from core.imaging.geometry import pad

        sides = {"left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom}
        room = {side: self.all if width is None else width for side, width in sides.items()}
        with translated():
            image, mask = pad(context.images.get(self.image), **room, surround=self.surround, color=self.color)
            return PadOutput(image=context.images.put(image), mask=context.images.put_mask(mask))


@invocation(
    "rotate",
    title="Rotate",
    category=CATEGORY,
    tags=("turn", "angle"),
    examples=("t2i a green tree | rotate 90", "t2i a green tree | rotate 15 --color white --no-expand"),
    output_size="rotate",
)
class Rotate(Invocation):
    """Rotate an image counterclockwise; quarter turns are lossless."""

    image: ImageRef = input_field(primary=True, description="image to rotate")
    degrees: float = input_field(position=1, ge=-360, le=360, unit="degrees", description="angle, counterclockwise")
    expand: bool = input_field(
        default=True, description="enlarge the image to fit the corners instead of cropping them"
    )
    color: str = input_field(default="transparent", color=True, description="color of the new corners")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import rotate

        return edited(
            context, self.image, lambda image: rotate(image, self.degrees, expand=self.expand, color=self.color)
        )


@invocation(
    "flip",
    title="Flip",
    category=CATEGORY,
    tags=("mirror",),
    examples=("t2i an orange fish | flip", "t2i an orange fish | flip vertical"),
    output_size="of_image",
)
class Flip(Invocation):
    """Flip an image horizontally, vertically or both."""

    image: ImageRef = input_field(primary=True, description="image to flip")
    direction: Literal["horizontal", "vertical", "both"] = input_field(
        default="horizontal",
        position=1,
        description="horizontal (left-right), vertical (up-down) or both",
    )

    def invoke(self, context: InvocationContext) -> ImageOutput:
        from core.imaging.geometry import flip

        return edited(context, self.image, lambda image: flip(image, self.direction))
