"""Change a model: replace its VAE."""

from __future__ import annotations

from invocations.fields import input_field
from invocations.invocation import Invocation, InvocationContext, ModelRef, invocation

from .generation import CATEGORY, MODEL, ModelOutput


@invocation(
    "vae",
    title="VAE",
    category=CATEGORY,
    tags=("decoder", "colors"),
    examples=("model | vae default | prompt a red house | noise | denoise | decode", "t2i a red house --vae default"),
    roles=("adapts",),
)
class Vae(Invocation):
    """Replace the VAE of a model, which converts between images and latents.

    The VAE may be a folder, a file, or that of another model. It must work with the latents that the model generates.
    """

    model: ModelRef = input_field(primary=True, description=MODEL)
    name: str = input_field(
        position=1, completes="vae", precheck="of_same_latents", description="VAE to use: a name, a path, or a model"
    )

    def invoke(self, context: InvocationContext) -> ModelOutput:
        vae = context.models.find_vae(self.name)
        context.fact("vae", vae.model)
        return ModelOutput(model=context.models.with_vae(self.model, vae))
