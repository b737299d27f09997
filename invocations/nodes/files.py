"""Load, save and show images."""

from __future__ import annotations

from typing import Literal

from invocations.fields import input_field, output_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, Output, invocation
from invocations.outputs import ImageOutput
from invocations.services.images.loading import load_images, show_image
from invocations.services.images.saving import save_image


class LoadOutput(Output):
    """The output of `load`."""

    image: ImageRef = output_field(primary=True, description="the image; if several files match, the first one")
    collection: list[ImageRef] = output_field(description="all matching images, in natural order (2.png before 10.png)")


@invocation(
    "load",
    title="Load",
    category="files",
    tags=("open", "read", "file", "input"),
    examples=("load house.png | blur 2", "load '*.png' | grid"),
    roles=("loads",),
    work="invocations.services.images.loading:load_images",
    output_size="of_file",
)
class Load(Invocation):
    """Load an image, or all images that match a pattern."""

    source: str = input_field(
        position=1,
        completes="file",
        description="path, pattern, URL, or `-` (standard input); a pattern looks like '*.png'",
    )
    allow_url: bool = input_field(default=False, description="allow the source to be a URL and download the image")

    def invoke(self, context: InvocationContext) -> LoadOutput:
        return LoadOutput(**load_images(context, vars(self)))


@invocation(
    "save",
    title="Save",
    category="files",
    tags=("write", "file", "export", "output"),
    examples=("t2i a red house | save a-house.png", "t2i a green tree | save {prompt}-{seed}.jpg --quality 80"),
    reusable=False,
    roles=("saves",),
    work="invocations.services.images.saving:save_image",
    output_size="of_image",
)
class Save(Invocation):
    """Save an image to a file. Without a target, the file is named according to the configured template."""

    image: ImageRef = input_field(primary=True, description="image to save")
    target: str = input_field(
        default="",
        position=1,
        completes="target",
        description="path, template, folder, or `-` (standard output); a template looks like {index:06}-{seed}.png; "
        "{stem} is the name of the loaded file",
    )
    format: Literal["png", "jpeg", "webp", "tiff", "bmp"] | None = input_field(
        default=None, description="file format (default: from the file name's suffix)"
    )
    quality: int = input_field(default=90, ge=1, le=100, description="quality of JPEG and WebP files")
    overwrite: bool = input_field(default=False, description="overwrite an existing file with the same name")
    metadata: bool = input_field(default=True, description="store the line, graph and parameters in the file")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(**save_image(context, vars(self)))


@invocation(
    "show",
    title="Show",
    category="files",
    tags=("display", "preview", "view"),
    examples=("t2i a blue boat | show",),
    reusable=False,
    roles=("shows",),
    work="invocations.services.images.loading:show_image",
    output_size="of_image",
)
class Show(Invocation):
    """Show an image in the terminal and pass it on."""

    image: ImageRef = input_field(primary=True, description="image to show")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(**show_image(context, vars(self)))
