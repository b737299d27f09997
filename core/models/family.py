"""The model families that the core runs, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SD_PIPELINES: Final = (
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionInpaintPipelineLegacy",
)


@dataclass(frozen=True, slots=True)
class Family:
    """What the models of one family have in common, and the settings they run with by default.

    cross_attention_dim: the text width that its UNets take. pipelines: diffusers' classes of its folders. parts: its
    networks. conditions: settings of UNets that are conditioned on more than a prompt, with the values that the family
    uses (`addition_embed_type`: `text_time`).
    """

    name: str
    title: str
    cross_attention_dim: int
    steps: int
    guidance: float
    scheduler: str
    side: int
    pipelines: tuple[str, ...]
    parts: tuple[str, ...] = ("unet", "vae", "text_encoder")
    conditions: Mapping[str, object] = field(default_factory=dict)


SD1 = Family("sd1", "Stable Diffusion 1", 768, 25, 7.5, "dpmpp_2m", 512, SD_PIPELINES)
SD2 = Family("sd2", "Stable Diffusion 2", 1024, 25, 7.5, "dpmpp_2m", 768, SD_PIPELINES)
FAMILIES: Final = (SD1, SD2)

CLASSES: Final = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
"""The class that a part's config must name; a text encoder may have any class from transformers."""

EXTRA_CONDITIONS: Final = (
    "addition_embed_type",
    "class_embed_type",
    "encoder_hid_dim_type",
    "time_cond_proj_dim",
)
"""Settings of UNets that are conditioned on more than a prompt, such as a size, a class or the guidance scale."""

PREDICTION_TYPES: Final = ("epsilon", "v_prediction", "sample")


def families_of_pipeline(pipeline: str) -> tuple[Family, ...]:
    """Return the families whose folders diffusers loads with this class."""
    return tuple([family for family in FAMILIES if pipeline in family.pipelines])


def family_of(cross_attention_dim: int, *, linear_projection: bool, among: tuple[Family, ...] = (SD1, SD2)) -> Family:
    """Return the family with this text width; for an unusual width, the UNet's kind of projection decides."""
    for family in among:
        if family.cross_attention_dim == cross_attention_dim or len(among) == 1:
            return family
    return SD2 if linear_projection and SD2 in among else among[0]


def family_named(name: str) -> Family:
    """Return the family with this name. Raises: KeyError."""
    return {family.name: family for family in FAMILIES}[name]
