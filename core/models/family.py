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
    "StableDiffusionInstructPix2PixPipeline",
    "LatentConsistencyModelPipeline",
    "LatentConsistencyModelImg2ImgPipeline",
)

SDXL_PIPELINES: Final = (
    "StableDiffusionXLPipeline",
    "StableDiffusionXLImg2ImgPipeline",
    "StableDiffusionXLInpaintPipeline",
    "StableDiffusionXLInstructPix2PixPipeline",
)
SIZES_AND_POOLED: Final = {"addition_embed_type": "text_time"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # never compared; this saves time at the start
class Variant:
    """Models of a family that were trained in another way, mostly for few steps, and the settings that suit them.

    schedulers: those that it works with, the default first; if the model's own settings name another, that is used.
    side: in pixels, if it differs from the family's. schedule: settings of the noise schedule, if the model does not
    state them. embeds_guidance: True for models whose UNet takes the guidance scale as an input, False for others.
    """

    name: str
    steps: int
    guidance: float
    schedulers: tuple[str, ...]
    side: int | None = None
    schedule: Mapping[str, object] = field(default_factory=dict)
    embeds_guidance: bool = False


_TRAILING: Final = {"timestep_spacing": "trailing"}

_LCM: Final = ("lcm", "tcd")

LCM: Final = (Variant("lcm", 4, 8.5, _LCM, embeds_guidance=True), Variant("lcm", 4, 1.0, _LCM))
FEW_STEPS: Final = (
    *LCM,
    Variant("turbo", 4, 0.0, ("euler_a", "euler"), 512, _TRAILING),
    Variant("lightning", 4, 0.0, ("euler", "euler_a"), None, _TRAILING),
    Variant("hyper", 4, 0.0, ("ddim", "tcd"), None, _TRAILING),
    Variant("dmd2", 4, 0.0, ("lcm",)),
    Variant("tcd", 4, 0.0, ("tcd",)),
)
"""Sources: diffusers' LatentConsistencyModelPipeline; the model cards of latent-consistency/lcm-lora-sdv1-5,
stabilityai/sdxl-turbo, ByteDance/SDXL-Lightning, ByteDance/Hyper-SD and tianweiy/DMD2."""

SCHEDULERS_BY_CLASS: Final = {
    "EulerAncestralDiscreteScheduler": "euler_a",
    "EulerDiscreteScheduler": "euler",
    "DDIMScheduler": "ddim",
    "LCMScheduler": "lcm",
    "TCDScheduler": "tcd",
    "EDMEulerScheduler": "euler",
    "EDMDPMSolverMultistepScheduler": "dpmpp_2m",
}
"""Our names of the schedulers that the models of variants state in their settings."""

EDM_SCHEDULERS: Final = ("EDMEulerScheduler", "EDMDPMSolverMultistepScheduler")
EDM: Final = (
    Variant("playground-2.5", 30, 3.0, ("dpmpp_2m", "euler", "dpmpp_2m_sde")),
    Variant("edm", 30, 5.0, ("euler", "dpmpp_2m", "dpmpp_2m_sde")),
)
"""Variants with the noise schedule of arXiv:2206.00364; the model card of Playground 2.5 recommends this guidance."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # never compared; this saves time at the start
class Family:
    """What the models of one family have in common, and the settings they run with by default.

    cross_attention_dim: the text width that its UNets take. pipelines: diffusers' classes of its folders. parts: its
    networks. conditions: settings of UNets that are conditioned on more than a prompt, with the values that the family
    uses (`addition_embed_type`: `text_time`). zeros_for_empty: whether an empty negative prompt is encoded as zeros.
    variants: models with other default settings.
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
    zeros_for_empty: bool = False
    variants: tuple[Variant, ...] = ()

    @property
    def encoders(self) -> tuple[str, ...]:
        """The text encoders among its parts."""
        return tuple([part for part in self.parts if part in ENCODERS])

    def variant(self, name: str, *, embeds_guidance: bool) -> Variant | None:
        """Return the settings of a variant, or None if it has those of the family."""
        found = [each for each in self.variants if each.name == name]
        return next((each for each in found if each.embeds_guidance == embeds_guidance), None)


SD1 = Family("sd1", "Stable Diffusion 1", 768, 25, 7.5, "dpmpp_2m", 512, SD_PIPELINES, variants=FEW_STEPS)
SD2 = Family("sd2", "Stable Diffusion 2", 1024, 25, 7.5, "dpmpp_2m", 768, SD_PIPELINES, variants=FEW_STEPS)
SDXL = Family(
    "sdxl", "Stable Diffusion XL", 2048, 30, 5.0, "euler", 1024, SDXL_PIPELINES,
    ("unet", "vae", "text_encoder", "text_encoder_2"), SIZES_AND_POOLED, zeros_for_empty=True,
    variants=(*FEW_STEPS, *EDM),
)  # fmt: skip
SDXL_REFINER = Family(
    "sdxl-refiner", "Stable Diffusion XL refiner", 1280, 30, 5.0, "euler", 1024, SDXL_PIPELINES,
    ("unet", "vae", "text_encoder_2"), SIZES_AND_POOLED,
)  # fmt: skip
FAMILIES: Final = (SD1, SD2, SDXL, SDXL_REFINER)

ENCODERS: Final = ("text_encoder", "text_encoder_2")

CLASSES: Final = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
"""The class that a part's config must name; a text encoder may have any class from transformers."""

EXTRA_CONDITIONS: Final = (
    "addition_embed_type",
    "class_embed_type",
    "encoder_hid_dim_type",
)
"""Settings of UNets that are conditioned on more than a prompt and the guidance scale, such as a size or a class."""

PREDICTION_TYPES: Final = ("epsilon", "v_prediction", "sample")


def tokenizer_of(encoder: str) -> str:
    """Return the name of a text encoder's tokenizer: `tokenizer_2` for `text_encoder_2`."""
    return encoder.replace("text_encoder", "tokenizer")


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
