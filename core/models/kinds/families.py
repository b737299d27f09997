"""What is known about each family of models: its title, the classes of its folders, and the parts that it needs.

Sources: diffusers pipelines/*/ and models/transformers/ (names of classes, encoders and VAEs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """One family. pipelines and denoisers: the starts of the names of its classes in diffusers.

    encoders: the text encoders that it needs. vae: the family whose VAE it uses, or "" if that is not known.
    """

    name: str
    title: str
    pipelines: tuple[str, ...] = ()
    denoisers: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    vae: str = ""


def _family(
    name: str, title: str, pipelines: str = "", denoisers: str = "", encoders: str = "", vae: str = ""
) -> FamilyFacts:
    return FamilyFacts(name, title, tuple(pipelines.split()), tuple(denoisers.split()), tuple(encoders.split()), vae)


FAMILIES: Final = (
    _family("sd1", "Stable Diffusion 1", "", "", "clip-l", "sd1"),
    _family("sd2", "Stable Diffusion 2", "", "", "clip-h", "sd2"),
    _family("sdxl", "Stable Diffusion XL", "", "", "clip-l clip-g", "sdxl"),
    _family("sdxl-refiner", "SDXL refiner", "", "", "clip-g", "sdxl"),
    _family("sd3", "Stable Diffusion 3", "StableDiffusion3", "SD3Transformer", "clip-l clip-g t5-xxl", "sd3"),
    _family("sd-x4-upscaler", "Stable Diffusion x4 upscaler", "StableDiffusionUpscale", "", "clip-h", "sd-x4-upscaler"),
    _family("flux1", "FLUX.1", "Flux", "FluxTransformer", "clip-l t5-xxl", "flux1"),
    _family("flux2", "FLUX.2", "Flux2", "Flux2Transformer", "", "flux2"),
    _family("flux3", "FLUX.3", "Flux3", "Flux3Transformer"),
    _family("chroma", "Chroma", "Chroma", "ChromaTransformer", "t5-xxl", "flux1"),
    _family("chroma-radiance", "Chroma Radiance", "", "", "t5-xxl"),
    _family("z-image", "Z-Image", "ZImage", "ZImageTransformer", "qwen3-4b", "flux1"),
    _family("qwen-image", "Qwen-Image", "QwenImage", "QwenImageTransformer", "qwen2.5-vl", "qwen-image"),
    _family("qwen-image-2.1", "Qwen-Image 2.1", "QwenImage21", "QwenImage21Transformer", "qwen3-vl"),
    _family("lumina2", "Lumina Image 2", "Lumina2", "Lumina2Transformer", "gemma2", "flux1"),
    _family("sana", "Sana", "Sana", "SanaTransformer", "gemma2", "sana"),
    _family("pixart-sigma", "PixArt-Sigma", "PixArtSigma", "PixArtTransformer", "t5-xxl", "sdxl"),
    _family("pixart-alpha", "PixArt-Alpha", "PixArtAlpha", "", "t5-xxl", "sd1"),
    _family("hidream", "HiDream-I1", "HiDream", "HiDreamImageTransformer", "clip-l clip-g t5-xxl llama", "flux1"),
    _family("hidream-o1", "HiDream-O1", "HiDreamO1", "HiDreamO1Transformer"),
    _family("auraflow", "AuraFlow", "AuraFlow", "AuraFlowTransformer", "umt5", "sdxl"),
    _family("cogview4", "CogView4", "CogView4", "CogView4Transformer", "glm4", "cogview4"),
    _family("krea2", "Krea 2", "Krea2", "Krea2Transformer", "qwen3-vl", "qwen-image"),
    _family("wan", "Wan", "Wan", "WanTransformer WanVACE WanAnimate", "umt5-xxl", "wan"),
    _family("hunyuan-image", "HunyuanImage", "HunyuanImage", "HunyuanImageTransformer", "qwen2.5-vl byt5",
            "hunyuan-image"),
    _family("hunyuan-dit", "Hunyuan-DiT", "HunyuanDiT", "HunyuanDiT2D", "clip t5", "sdxl"),
    _family("ideogram4", "Ideogram 4", "Ideogram4", "Ideogram4Transformer"),
    _family("ernie-image", "ERNIE-Image", "ErnieImage", "ErnieImageTransformer"),
    _family("ovis-image", "Ovis-Image", "OvisImage", "OvisImageTransformer"),
    _family("longcat-image", "LongCat-Image", "LongCatImage", "LongCatImageTransformer", "qwen2.5-vl", "flux1"),
    _family("glm-image", "GLM-Image", "GlmImage", "GlmImageTransformer"),
    _family("bria", "Bria", "Bria", "BriaTransformer BriaFibo"),
    _family("prx", "PRX", "PRX", "PRXTransformer"),
    _family("kandinsky5", "Kandinsky 5", "Kandinsky5", "Kandinsky5Transformer"),
    _family("kandinsky2", "Kandinsky 2", "KandinskyV22 Kandinsky"),
    _family("kolors", "Kolors", "Kolors", "", "chatglm3", "sdxl"),
    _family("omnigen", "OmniGen", "OmniGen", "OmniGenTransformer"),
    _family("omnigen2", "OmniGen2", "OmniGen2"),
    _family("cascade", "Stable Cascade", "StableCascade Wuerstchen", "StableCascadeUNet"),
    _family("anima", "Anima", "Anima", "", "qwen3-0.6b", "qwen-image"),
    _family("newbie", "NewBie"),
    _family("ming-image", "Ming-Image"),
    _family("mage-flow", "Mage-Flow"),
    _family("deepfloyd-if", "DeepFloyd IF", "IFSuperResolution IFPipeline", "", "t5-xxl"),
    _family("svd", "Stable Video Diffusion", "StableVideoDiffusion", "UNetSpatioTemporal"),
)  # fmt: skip
"""All families of models that generate images, whether this program runs them or not."""

BY_NAME: Final = {family.name: family for family in FAMILIES}


def title_of(family: str) -> str:
    """Return the name of a family as its makers write it; unknown names are returned as they are."""
    return BY_NAME[family].title if family in BY_NAME else family


def missing_parts(family: str, present: set[str]) -> tuple[str, ...]:
    """Return the parts that a family needs besides those that are present: `vae` and names of text encoders.

    A present encoder of unusual width is named without its size (`clip`) and counts as any that starts with its name.
    """
    if family not in BY_NAME:
        return ()
    facts = BY_NAME[family]
    needed = ("vae", *facts.encoders) if facts.vae else facts.encoders
    return tuple([part for part in needed if part not in present and part.split("-")[0] not in present])


def family_of_class(name: str) -> str | None:
    """Return the family of a pipeline's or denoiser's class in diffusers, by the longest start that fits."""
    starts = [(start, family.name) for family in FAMILIES for start in (*family.pipelines, *family.denoisers)]
    fitting = [(len(start), family) for start, family in starts if name.startswith(start)]
    return max(fitting)[1] if fitting else None
