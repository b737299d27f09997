"""Test nodes that take and return references: models, latents, images and masks."""

from __future__ import annotations

from typing import Any, ClassVar

from PIL import Image

from invocations.fields import input_field
from invocations.invocation import (
    ImageRef,
    Invocation,
    InvocationContext,
    LatentsRef,
    MaskRef,
    ModelRef,
    invocation,
)
from tests.invocations.kitchen_outputs import ImageOutput, IntOutput, LatentsOutput, MaskOutput, ModelOutput


@invocation("model", title="Model", category="test")
class Model(Invocation):
    """Find a model."""

    name: str = input_field(description="model")

    def invoke(self, context: InvocationContext) -> ModelOutput:
        return ModelOutput(model=ModelRef(f"hash-of-{self.name}", self.name))


@invocation("peek", title="Peek", category="test")
class Peek(Invocation):
    """Report steps, some of them with a preview; `asked` counts the questions whether somebody wants one."""

    asked: ClassVar[list[bool]] = []
    steps: int = input_field(default=3, primary=True, description="steps")

    def invoke(self, context: InvocationContext) -> IntOutput:
        for step in range(1, self.steps + 1):
            wanted = context.wants_preview is not None and context.wants_preview()
            self.asked.append(wanted)
            context.progress(step, self.steps, Image.new("RGB", (40, 20), (step, 0, 0)) if wanted else None)
        return IntOutput(value=self.steps)


@invocation("paint", title="Paint", category="test", model_bound="model")
class Paint(Invocation):
    """Create latents with a model."""

    model: ModelRef = input_field(given="linked", description="model")
    steps: int | None = input_field(default=None, description="steps")
    a: int = input_field(default=0, primary=True, description="number")

    def invoke(self, context: InvocationContext) -> LatentsOutput:
        context.fact("steps", self.steps or 20)
        return LatentsOutput(latents=LatentsRef(f"{self.model.name}-{self.a}", 64, 32, seed=self.a))


@invocation("develop", title="Develop", category="test", model_bound="model")
class Develop(Invocation):
    """Create an image from latents with a model."""

    model: ModelRef = input_field(given="linked", description="model")
    latents: LatentsRef = input_field(given="linked", primary=True, description="latents")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=ImageRef(f"picture of {self.latents.name}", 64, 32))


@invocation("stencil", title="Stencil", category="test")
class Stencil(Invocation):
    """Return a mask."""

    name: str = input_field(default="m", description="name")

    def invoke(self, context: InvocationContext) -> MaskOutput:
        return MaskOutput(mask=MaskRef(self.name, 8, 8))


@invocation("width", title="Width", category="test")
class Width(Invocation):
    """Return the width of an image."""

    image: ImageRef = input_field(primary=True, description="image")

    def invoke(self, context: InvocationContext) -> IntOutput:
        return IntOutput(value=self.image.width)


@invocation("cut", title="Cut", category="test")
class Cut(Invocation):
    """Use a mask."""

    mask: MaskRef = input_field(primary=True, description="mask")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return ImageOutput(image=ImageRef(self.mask.name))


@invocation("keep", title="Keep", category="test", reusable=False)
class Keep(Invocation):
    """Record how an image was computed."""

    image: ImageRef = input_field(primary=True, given="linked", description="image")
    seen: ClassVar[list[Any]] = []

    def invoke(self, context: InvocationContext) -> ImageOutput:
        Keep.seen.append(context.record())
        return ImageOutput(image=self.image)
