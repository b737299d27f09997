"""The model families that the core runs, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """What the models of one family have in common, and the settings they run with by default."""

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

WEIGHT_STEMS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
"""The parts that have weights, and the names of their weight files without the suffix."""

CLASSES = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
"""The class that a part's config must name; a text encoder may have any class from transformers."""

EXTRA_CONDITIONS = ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type", "time_cond_proj_dim")
"""Settings of UNets that are conditioned on more than a prompt, such as a size, a class or the guidance scale."""

PREDICTION_TYPES = ("epsilon", "v_prediction", "sample")


def family_of(cross_attention_dim: int, *, linear_projection: bool) -> Family:
    """Return the family with this text width; for an unusual width, the UNet's kind of projection decides."""
    for family in FAMILIES:
        if family.cross_attention_dim == cross_attention_dim:
            return family
    return SD2 if linear_projection else SD1
