"""The families of models that the core runs, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """What models of one family have in common, and what they are run with unless they say otherwise."""

    name: str
    title: str
    cross_attention_dim: int
    steps: int
    guidance: float
    scheduler: str


SD1 = Family("sd1", "Stable Diffusion 1", 768, steps=25, guidance=7.5, scheduler="dpmpp_2m")
SD2 = Family("sd2", "Stable Diffusion 2", 1024, steps=25, guidance=7.5, scheduler="dpmpp_2m")
FAMILIES = (SD1, SD2)

PIPELINES = frozenset(
    {
        "StableDiffusionPipeline",
        "StableDiffusionImg2ImgPipeline",
        "StableDiffusionInpaintPipeline",
        "StableDiffusionInpaintPipelineLegacy",
    }
)

PARTS = {
    "unet": "UNet2DConditionModel",
    "vae": "AutoencoderKL",
    "text_encoder": "CLIPTextModel",
}
"""The parts that hold weights, and the class that each must name in its config."""

WEIGHT_STEMS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}

EXTRA_CONDITIONS = ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type", "time_cond_proj_dim")
"""Settings of a UNet that is told more than a prompt, such as a size, a class or the guidance."""

PREDICTION_TYPES = ("epsilon", "v_prediction", "sample")


def family_of(cross_attention_dim: int, *, linear_projection: bool) -> Family:
    """Name the family by the width of its text encoder; odd widths go by the UNet's kind of projection."""
    for family in FAMILIES:
        if family.cross_attention_dim == cross_attention_dim:
            return family
    return SD2 if linear_projection else SD1
