"""The output classes of the test nodes."""

from __future__ import annotations

from invocations.fields import Item, output_field
from invocations.invocation import (
    ImageRef,
    LatentsRef,
    MaskRef,
    ModelRef,
    Output,
)


class IntOutput(Output):
    """An integer."""

    value: int = output_field(primary=True, description="number")


class FloatOutput(Output):
    """A number."""

    value: float = output_field(primary=True, description="number")


class TextOutput(Output):
    """A string."""

    text: str = output_field(primary=True, description="string")


class BoolOutput(Output):
    """A condition."""

    holds: bool = output_field(primary=True, description="yes or no")


class IntsOutput(Output):
    """Integers."""

    collection: list[int] = output_field(primary=True, description="numbers")


class TableOutput(Output):
    """Lists of integers."""

    collection: list[list[int]] = output_field(primary=True, description="rows")


class TextsOutput(Output):
    """Strings."""

    collection: list[str] = output_field(primary=True, description="strings")


class ItemOutput(Output):
    """One item."""

    item: Item = output_field(primary=True, description="item")


class CollectionOutput(Output):
    """Items."""

    collection: list[Item] = output_field(primary=True, description="items")


class ValueOutput(Output):
    """Anything."""

    value: Item = output_field(primary=True, description="value")


class ImageOutput(Output):
    """An image."""

    image: ImageRef = output_field(primary=True, description="image")


class MaskOutput(Output):
    """A mask."""

    mask: MaskRef = output_field(primary=True, description="mask")


class ModelOutput(Output):
    """A model."""

    model: ModelRef = output_field(primary=True, description="model")


class LatentsOutput(Output):
    """Latents."""

    latents: LatentsRef = output_field(primary=True, description="latents")
