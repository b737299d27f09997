"""Choose a model."""

from __future__ import annotations

from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, ModelRef, Output, invocation

CATEGORY = "generation"


class ModelOutput(Output):
    """The output of `model`."""

    model: ModelRef = output_field(primary=True, description="the model")


@invocation(
    "model",
    title="Model",
    category=CATEGORY,
    tags=("checkpoint", "weights"),
    examples=("model", "model default | prompt a blue boat | noise | denoise | decode"),
    roles=("loads",),
)
class Model(Invocation):
    """Choose the model for the following stages."""

    name: str = input_field(
        default="default", position=1, completes="model", description="model name, or path of its folder"
    )

    def invoke(self, context: InvocationContext) -> ModelOutput:
        model = context.models.find(self.name)
        context.fact("model", model.model)
        return ModelOutput(model=model)
